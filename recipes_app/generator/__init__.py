"""A catalogue of any size for measurements and demonstrations, as real as the archive that this machine knows.

Names, words, relations, sections, numbers of packages and their skew are taken from apt's own lists; every recipe is written
as files and read by the portal's parser, and its rows are made by the functions that publishing uses. Nothing but management
commands and benchmarks may import this room.
"""
