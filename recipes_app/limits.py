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

# Ownership: the AUR's numbers where it has them.
INVITATION_DAYS = 30
MAX_CO_MAINTAINERS = 25
# An adoption waits so long that the former maintainer and the followers can object (what hit the AUR in 2018 and 2025).
ADOPTION_WAIT_DAYS = 7
# A maintainer has this long to answer an orphan, deletion or merge request before moderators decide it (AUR: 14 days).
REQUEST_WAIT_DAYS = 14
# Flagged out of date for so long, a recipe is orphaned at once on request (AUR: 180 days).
ORPHAN_AT_ONCE_DAYS = 180
# The maintainer's own deletion request of so young a recipe is accepted at once (AUR: 24 hours).
OWN_DELETION_HOURS = 24
# An open request that nobody decides is closed, with notice.
REQUEST_STALE_DAYS = 90
MAX_OPEN_REQUESTS_PER_ACCOUNT = 20
MAX_TEXT_LENGTH = 5_000
