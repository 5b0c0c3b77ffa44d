"""Dumps: the whole catalogue as files, and what changed between two of them.

`lines` says what is written of one recipe, `files` writes and compresses, `signature` signs, `making` puts a dump together and
in place, `changes` tells what a client that has an older one lacks. The same catalogue gives the same bytes.
"""
