"""What both ends agree on: the wire, the limits, the codes, the content of a test, and the attempt core.

Pure: nothing here reads a clock, opens a socket, writes a log or draws a random number.
"""
