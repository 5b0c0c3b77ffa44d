"""Every number that is a rule, in one place and each with its reason. No Django: the push hook reads it too."""

from .trust import *  # noqa: F403 - callers ask for a number by its name, whichever module it is in
from .units import KIB as KIB
from .units import MIB as MIB
from .work import *  # noqa: F403

# A packaging file is text; 256 KiB is what fifteen years of the AUR found enough (256,000 bytes there).
MAX_BLOB_BYTES = 256 * KIB
# The largest packaging directories of Debian (linux, texlive) hold under 2,000 files.
MAX_TREE_FILES = 2_000
# All blobs of one tree together, so that 2,000 files of 256 KiB do not fill a page, a diff or a sandbox.
MAX_TREE_BYTES = 64 * MIB
# A path longer than this cannot be laid down in the sandbox below its own folder.
MAX_PATH_BYTES = 1_024
# The longest name that Linux's file systems take (NAME_MAX); a clone with a longer one cannot be checked out.
MAX_NAME_BYTES = 255
# Folders in folders. Since 2.43, git neither serves nor fetches more than core.maxTreeDepth (2,048; 512 with some compilers);
# pages and archives walk by recursion.
MAX_PATH_DEPTH = 16
# One push; git counts the pack's bytes while it reads and stops there.
MAX_PUSH_BYTES = 128 * MIB
# The whole bare repository on disk.
MAX_REPOSITORY_BYTES = 256 * MIB
# Commits that one push may bring: each new commit's tree is looked at, not only the tip's.
MAX_PUSH_COMMITS = 5_000
# Objects that the push rules look at in one push, trees and blobs together: bounds the hook's time, not only its bytes.
MAX_PUSH_OBJECTS = 100_000
# A commit object: its message is shown on pages.
MAX_COMMIT_BYTES = 64 * KIB
# A tree object: MAX_TREE_FILES entries with names of ordinary length.
MAX_TREE_OBJECT_BYTES = 1 * MIB
# What a fetch may ask for; a want/have negotiation is far below it.
MAX_FETCH_REQUEST_BYTES = 16 * MIB
# What is read and thrown away after git has refused a push, so that the client gets to read why.
MAX_DRAINED_BYTES = 256 * MIB
# One git process that serves a client. The pack limit at 1 Mbit/s takes 18 minutes: slower clients push in parts.
GIT_WALL_SECONDS = 1_200
# Inflating and checking MAX_PUSH_BYTES takes under 10 seconds; a zip bomb is stopped here.
GIT_CPU_SECONDS = 120
# Address space: a whole repository mapped (MAX_REPOSITORY_BYTES) and room to work.
GIT_MEMORY_BYTES = 2_048 * MIB

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
# Processors that one run may keep busy, where control groups can be had: lintian unpacks beside its checks.
LINT_CPUS = 2.0
LINT_FILE_BYTES = 512 * MIB
LINT_TMPFS_BYTES = 1024 * MIB
# What other programs may write to the disk of a run that has no tmpfs (the level confined), before the run is blamed for it.
LINT_OTHERS_BYTES = 2048 * MIB
# boost draws 38,844 hints of one tag, 22 MB of JSON; a tenth of that is already more than anyone reads.
LINT_OUTPUT_BYTES = 32 * MIB
LINT_LOG_BYTES = 64 * KIB
# Upstream's files that a runner takes into memory to hand them to the sandbox; more is looked at without them (recipe-only).
LINT_FULL_BYTES = 32 * MIB
# shellcheck on all maintainer scripts of a recipe: the slowest of 224 real packages takes it 2.2 s, 60 hostile bytes for ever.
SHELLCHECK_WALL_SECONDS = 15
SHELLCHECK_MEMORY_BYTES = 1024 * MIB
SHELLCHECK_OUTPUT_BYTES = 8 * MIB
# A trial build: a recipe that needs more than this on two processors is built at home only.
BUILD_WALL_SECONDS = 1_800
BUILD_CPU_SECONDS = 3_600
BUILD_MEMORY_BYTES = 4096 * MIB
# Address space: Go, Java and JavaScript engines reserve far more than they use.
BUILD_ADDRESS_BYTES = 64 * 1024 * MIB
BUILD_PROCESSES = 512
BUILD_FILE_BYTES = 2048 * MIB
# Installed build dependencies, sources, objects and packages together, in memory while it lasts.
BUILD_ROOM_BYTES = 6144 * MIB
BUILD_OUTPUT_BYTES = 64 * MIB
# Fetching and installing build dependencies from the mirror, each.
BUILD_INSTALL_SECONDS = 600
# Making the base of a suite: one minute with a near mirror at rest.
BUILD_BASE_SECONDS = 1_800
# A build that took longer is not made a second time to be compared: the queue waits for it.
BUILD_TWICE_SECONDS = 600
# One of a package's own tests, and all of them; upstream's test suites have run in the build already.
BUILD_TEST_SECONDS = 300
BUILD_TESTS_SECONDS = 900
# Other recipes that are built first because a recipe needs them, and how deep they need each other.
BUILD_MAX_NEEDED = 5
BUILD_MAX_NEEDED_DEPTH = 3
# All of them together: with the recipe's own build, a job stays far below LINT_VISIBILITY_SECONDS.
BUILD_NEEDED_SECONDS = 3_600
# Files of an installed package that are looked at for rights: Debian's largest packages have over 100,000.
BUILD_MAX_INSTALLED = 300_000
# Packages that one build is looked at for; texlive-extra's source has the most binary packages, under 50.
BUILD_MAX_PACKAGES = 200
# One file of a manifest, and all that the runner keeps: the oldest go first.
FETCH_FILE_BYTES = 2048 * MIB
FETCH_CACHE_BYTES = 16 * 1024 * MIB
FETCH_WALL_SECONDS = 900
FETCH_IDLE_SECONDS = 30
FETCH_REDIRECTS = 5
LINT_MAX_ATTEMPTS = 3
# A running job whose last sign of life is older than this belongs to a dead runner.
LINT_HEARTBEAT_SECONDS = 20
LINT_LOST_SECONDS = 90
# How often an idle runner tells the portal that it is there, and after how long a silence pages say that none is.
LINT_PRESENT_SECONDS = 60
LINT_ABSENT_SECONDS = 200
# After this time Redis gives a message that is not acknowledged to another worker: longer than any stage, or two would run it.
# A trial build has BUILD_WALL_SECONDS, four runs of apt and some fetches of FETCH_WALL_SECONDS each.
LINT_VISIBILITY_SECONDS = 4 * 3_600
# How long the message of a queued job lives, and after what time without a runner it is sent again.
LINT_MESSAGE_SECONDS = 300
# How many jobs of one re-lint wait at most: what one transaction writes (SQLite has no other writer meanwhile), and what is left
# in the queue when a moderator pauses it.
RELINT_PORTION = 500

# Search
MAX_QUERY_LENGTH = 200
# Each term is a look-up in the index: a query is no program.
MAX_QUERY_TERMS = 20
# Hits are ranked and counted up to here; beyond it a page says "more than", and hits come by popularity.
MAX_COUNTED_HITS = 1_000
# What each of the four columns of a recipe's search row may hold. PostgreSQL takes a tsvector of 1 MiB and 16,383 positions;
# Debian's most talkative package descriptions come to a third of this.
MAX_DOCUMENT_TOKENS = 10_000
MAX_DOCUMENT_BYTES = 160_000
# Words that one recipe may teach the corrector of misspellings.
MAX_VOCABULARY_WORDS = 500
# Keywords are counted for the list of them: a recipe's first ones, and of each what a person would call a word.
MAX_KEYWORD_LENGTH = 80
MAX_KEYWORDS_LISTED = 50
# Values of one facet that a page offers; the rest is rarer, and found by the field in the search box.
MAX_FACET_VALUES = 12
# Characters around a found word of a description: a line on a phone.
PASSAGE_LENGTH = 90
PAGE_SIZE = 25
MAX_PAGE_SIZE = 100
MAX_LOOKUP_NAMES = 1_000
# Recipes on one page of what changed between two dumps: 600 bytes each.
MAX_CHANGES = 1_000
# Names that are suggested while one types: what a browser's address bar shows.
MAX_SUGGESTIONS = 10

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

# Feeds: a reader that comes once a day misses none of a busy day's; the whole is 40 KiB.
FEED_ENTRIES = 50

# Pages
RECENT_ON_HOME = 10
# The other lists of the first page: each as long as one looks at.
LISTED_ON_HOME = 6
# Trending: the last days against so many before them. A week has every weekday once; two before it even out one odd week.
TRENDING_DAYS = 7
TRENDING_BEFORE_DAYS = 14
# Half a year: long enough for a course, short enough for a plot of a few centimetres.
WEEKS_PLOTTED = 26
EVENTS_SHOWN = 50
# A page of a diff; more is read with git. Found by looking at what a browser lays out in a second.
MAX_DIFF_BYTES = 1 * MIB
MAX_DIFF_FILE_LINES = 2_000
MAX_DIFF_CPU_SECONDS = 10
# What one page lays out of a diff, over all files; the rest is counted. A thousand changed files are named and not opened.
MAX_DIFF_PAGE_LINES = 8_000
MAX_DIFF_PAGE_FILES = 200
MAX_DIFF_NAMED_FILES = 1_000
# A line of a diff beyond this is cut, with the number of what is left out.
MAX_DIFF_LINE = 2_000
# Word marks: difflib's time grows with the square of a line's words, so long lines and whole pages have an end.
MAX_WORD_DIFF_LINE = 600
MAX_WORD_DIFF_TOKENS = 200
MAX_WORD_DIFF_SECONDS = 0.3
# Blame reads every version of a file; a page waits no longer than this for it.
MAX_BLAME_CPU_SECONDS = 5
# Each line with its link is a row of the page; 200,000 lines took most of a minute to lay out on a busy machine.
MAX_BLAME_LINES = 10_000
MAX_BLAME_OUTPUT = 8 * MIB
MAX_BLAME_COMMITS = 20_000
# Findings of lint that are placed at lines; as many lines with marks are no longer marks.
MAX_HINTS_AT_LINES = 1_000
# Entries of a changelog between two versions that a page shows.
MAX_CHANGELOG_ENTRIES = 50
# A lexer runs regular expressions over hostile text: beyond these the file is shown without colours.
MAX_HIGHLIGHT_BYTES = 96 * KIB
MAX_HIGHLIGHT_LINE = 2_000
MAX_HIGHLIGHT_SECONDS = 0.3
# A README beyond this is shown as plain text.
MAX_README_BYTES = 64 * KIB
MAX_HINTS_SHOWN = 500
# Lines of the list of tags: names and numbers, read by looking down.
TAGS_PAGE_SIZE = 100
# Revisions in a trend of lint: as many bars as can be told apart on a telephone.
TREND_REVISIONS = 24

# Review: what hit the AUR in 2018, 2025 and 2026 was new accounts and adopted orphans.
YOUNG_ACCOUNT_DAYS = 7
NEW_OWNER_DAYS = 30
MAX_EVIDENCE_LENGTH = 2_000
MAX_OPEN_FLAGS_PER_ACCOUNT = 50

# Comments: MAX_TEXT_LENGTH is the AUR's limit. A person in a discussion writes one a minute at most; a spammer writes more.
COMMENT_WINDOW_MINUTES = 10
MAX_COMMENTS_PER_WINDOW = 10
# Above the comments a recipe's page shows what everyone must read; more than this is read by no one.
MAX_PINNED_COMMENTS = 5
# Comments that the recipe's page shows, pinned ones among them; the list has all.
COMMENTS_ON_RECIPE_PAGE = 10
# Accounts that one comment tells by @name: enough for a team, too few to reach everybody.
MAX_MENTIONS = 10

# Markdown. The parser's time grows with the square of a paragraph's length: 8,000 characters of the worst take 0.1 seconds.
MAX_PARAGRAPH_LENGTH = 8_000
MAX_MARKDOWN_NESTING = 20
# A row of two bytes is filled up to the width of its table: without a limit 20 kB of Markdown make a megabyte of page.
MAX_TABLE_CELLS = 10_000
# References of one kind (commits, recipes, tags, accounts) that are looked up for one text; each kind is one query.
MAX_REFERENCES = 30

# Mail
# A notification or a mail that was not sent after this time was forgotten by the broker or by a worker that died.
MAIL_OVERDUE_MINUTES = 10
# Greylisting lets a mail through after minutes, a full mailbox or a broken server after a day: then it is given up.
MAIL_RETRY_MINUTES = (1, 5, 30, 120, 360, 1_440)
# What was sent is kept so long, without its words, to answer "was it sent?".
OUTBOX_DAYS = 14
# One digest lists so many lines and counts the rest: nobody reads on, and the inbox has them all.
MAX_DIGEST_LINES = 200
# Rows that one task or one sweep takes up: so many mails are made in about a second, in which SQLite has no other writer.
MAIL_BATCH = 200

# Webhooks
# A team has a chat, a build service and a mirror; each event is one request to each.
MAX_WEBHOOKS = 10
MAX_WEBHOOK_URL = 500
# Pauses before the second and the following attempts: a restart takes a minute, a broken disk is mended by the next day.
WEBHOOK_RETRY_MINUTES = (1, 5, 30, 120, 360, 1_440)
# Nothing came through for so long: nobody is there any more, or nobody looks. The Standard Webhooks specification says days.
WEBHOOK_PAUSE_DAYS = 5
# What was sent is kept so long, to see what went wrong and to send it again.
WEBHOOK_LOG_DAYS = 30
# A receiver says "taken" at once and works later; the last number holds one that sends a byte at a time, too.
WEBHOOK_CONNECT_SECONDS = 5
WEBHOOK_READ_SECONDS = 10
WEBHOOK_WALL_SECONDS = 20
# What is read of the answer, and what of it is kept to be shown.
WEBHOOK_ANSWER_BYTES = 64 * KIB
WEBHOOK_ANSWER_SHOWN = 500
# A delivery that was not made after this time was forgotten by the broker or by a worker that died.
WEBHOOK_OVERDUE_MINUTES = 5

# Accounts
# "Last seen" of a session: fine enough to tell one's own visit from a stranger's, and no write at each page.
SESSION_SEEN_MINUTES = 5
# Lines of an account's security history, failed attempts counted apart: a year of ordinary use.
SECURITY_EVENTS_KEPT = 200
# BSI TR-02102-4 and NIST SP 800-57: below 3,072 bits RSA is not strong enough beyond 2030.
MIN_RSA_BITS = 3_072
# One for each machine and token of a person.
MAX_SSH_KEYS = 20

# Recipe checks
# Places that one check shows: what is wrong twenty times has been understood.
MAX_FINDINGS_PER_CHECK = 20
# Script text that the checks read in one recipe; the largest of Debian's (its kernel's and its installer's) have under 1 MiB.
MAX_CHECKED_SCRIPT_BYTES = 2 * MIB
# A line that no reviewer sees the end of.
MAX_SCRIPT_LINE = 1_000
# What a recommended package may bring with it, in MB, before somebody who only wanted the small one should be asked.
MAX_RECOMMENDED_MEGABYTES = 100
# Fetched bytes that a package can hold before xz keeps its builder waiting: it packs about half a MB a second, zstd a hundred.
MAX_XZ_BYTES = 20 * MIB

# API
# A client that lost an answer asks again within minutes, a job that failed over night by the next day.
IDEMPOTENCY_HOURS = 24
# Longer than the web server lets any request live (deploy/dur-web.service: 120 seconds).
MAX_REQUEST_MINUTES = 15
# Answers that are kept for one account: more acts than a script of a person has in a day.
MAX_KEPT_ANSWERS = 5_000

# Recipe checks: reading scripts without running them
# Substitutions and quoted scripts inside each other: people write four levels; beyond this the script says "do not read me".
MAX_SHELL_NESTING = 24
# A value of a variable, and the text that a decoder prints: a script of that length is read in a tenth of a second.
MAX_SHELL_VALUE = 65_536
# Values that one variable may have had and that are all tried as a program's name.
MAX_SHELL_ALTERNATIVES = 4
# Characters read besides a script's own text (functions called, evals, variables repeated): at most about a second's work.
MAX_SHELL_WORK = 1_048_576
# References inside each other in a makefile: debhelper's own examples have four.
MAX_MAKE_NESTING = 16
# Characters that are expanded in one makefile, those of variables at each mention: of Debian's, the largest need half.
MAX_MAKE_WORK = 2 * MIB
# Words of one command: every check looks at each of them. Longer lists of files are written with a pattern.
MAX_COMMAND_WORDS = 10_000
# Commands before a command in its pipe that are remembered.
MAX_PIPE_SOURCES = 16

# Submitting in the browser
# Files of one form together: the largest debian.tar.xz of the archive have 5 MiB; a native package's tarball has more.
MAX_UPLOAD_BYTES = 16 * MIB
MAX_UPLOAD_FILES = 10
# What a tarball may unfold to, upstream's part of a native package included: it is read through and thrown away.
MAX_UNPACKED_BYTES = 256 * MIB
MAX_ARCHIVE_MEMBERS = 20_000
# `xz -9` needs 65 MiB to unpack, `zstd --ultra` 128; more is asked for only by who means harm.
MAX_UNPACK_MEMORY = 160 * MIB
# A tar header beside a file's own: it holds a long name, at most MAX_PATH_BYTES, and attributes.
MAX_TAR_HEADER_BYTES = 16 * KIB
# A licence's text in the form for a new recipe: the AGPL has 34 KiB.
MAX_LICENCE_TEXT_LENGTH = 60_000

# The dashboard
# One screen of recipes, what needs their maintainer first; few look after more.
MAX_DASHBOARD_RECIPES = 100
LISTED_ON_DASHBOARD = 8
# A token that ends is told of while there is time to make another.
TOKEN_ENDS_SOON_DAYS = 14
