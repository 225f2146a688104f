"""GIFT, the text format of Moodle: questions with their answers between braces.

The format is described at https://docs.moodle.org/en/GIFT_format. `items` is what a file says, `reading` how it is
read: nothing here knows what a test of ours looks like.
"""
