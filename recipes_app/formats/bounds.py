"""The numbers that are rules of the format, each with its reason.

They stand here and not in `recipes_app.limits` because the client carries this folder alone; a test keeps those that both
files name equal.
"""

# Debian Policy 5.6.1 gives the alphabet and the minimum of two; the length is ours, for file names and pages.
MAX_NAME_LENGTH = 128
MAX_VERSION_LENGTH = 256
# dpkg keeps the epoch in a C int.
MAX_EPOCH = 2**31 - 1
# One file's findings; past this a reader learns nothing, and a hostile file would fill the terminal and the database.
MAX_FINDINGS_PER_FILE = 100
# A value inside a message: long enough to be known again, short enough for a line of a terminal.
MAX_QUOTED_LENGTH = 60
# A heading or trailer line of a changelog. python-debian's pattern for trailers takes quadratic time: 1,000 characters 15 ms,
# 15,000 characters 3 s.
MAX_CHANGELOG_HEADING = 1_000
# The longest licence expression in Debian's archive has some 200 characters; nesting past this depth is an attack.
MAX_LICENCE_EXPRESSION = 1_000
MAX_LICENCE_DEPTH = 8
# Fetch sizes: 16 TB. A larger number is a typing error, and JSON readers lose digits above 2^53.
MAX_FETCH_SIZE = 16 * 10**12
# What a file system takes as one name.
MAX_FILENAME_LENGTH = 255
# A field's name longer than this is junk: looking for a similar one would take quadratic time.
MAX_SUGGESTED_LENGTH = 40
# Changes of one revision that are listed: a reader of more of them looks at the difference itself.
MAX_EFFECT_CHANGES = 300
# Patterns for file names that are held against each inert file; a recipe of the archive has a few.
MAX_EFFECT_GLOBS = 50
# Files of one revision that a runner asks others about.
MAX_CONFIRMATIONS = 100
# A debian/gbp.conf that names branches has under a kilobyte.
MAX_GBP_BYTES = 16_384
