"""A program that ends without a word: python -m tests.server.nothing_written"""
