"""Every number that is a rule, in one place and each with its reason. No Django: the push hook reads it too."""

KIB = 1024
MIB = 1024 * KIB

# A packaging file is text; 256 KiB is what fifteen years of the AUR found enough (256,000 bytes there).
MAX_BLOB_BYTES = 256 * KIB
# The largest packaging directories of Debian (linux, texlive) hold under 2,000 files.
MAX_TREE_FILES = 2_000
# All blobs of one tree together, so that 2,000 files of 256 KiB do not fill a page, a diff or a sandbox.
MAX_TREE_BYTES = 64 * MIB
# A path longer than this cannot be laid down in the sandbox below its own folder.
MAX_PATH_BYTES = 1_024
MAX_PATH_DEPTH = 16
# One push; git counts the pack's bytes while it reads and stops there.
MAX_PUSH_BYTES = 128 * MIB
# The whole bare repository on disk.
MAX_REPOSITORY_BYTES = 256 * MIB
# Commits that one push may bring: each new commit's tree is looked at, not only the tip's.
MAX_PUSH_COMMITS = 5_000
# What a fetch may ask for; a want/have negotiation is far below it.
MAX_FETCH_REQUEST_BYTES = 16 * MIB

# Debian Policy 5.6.1 gives the alphabet and the minimum of two; the length is ours, for file names and pages.
MAX_NAME_LENGTH = 128
MAX_VERSION_LENGTH = 256

# Findings that one push shows; the rest is counted. A terminal is not a report.
MAX_FINDINGS_SHOWN = 50

# Lint: a source package of the Debian archive takes lintian 2.5 to 8 seconds (docs/lint.md).
LINT_WALL_SECONDS = 300
LINT_CPU_SECONDS = 120
LINT_MEMORY_BYTES = 2048 * MIB
LINT_PROCESSES = 128
LINT_FILE_BYTES = 512 * MIB
LINT_TMPFS_BYTES = 1024 * MIB
LINT_OUTPUT_BYTES = 8 * MIB
LINT_LOG_BYTES = 64 * KIB
LINT_MAX_ATTEMPTS = 3
# A running job whose last sign of life is older than this belongs to a dead runner.
LINT_HEARTBEAT_SECONDS = 20
LINT_LOST_SECONDS = 90

# Search
MAX_QUERY_LENGTH = 200
PAGE_SIZE = 25
MAX_PAGE_SIZE = 100
MAX_LOOKUP_NAMES = 1_000
