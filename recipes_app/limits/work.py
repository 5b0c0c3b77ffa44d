"""Work on what strangers write: processes with an end, locks, outages, reports, pruning."""

from .units import KIB, MIB

# Intake and public repositories (repos/public.py): a repository with more loose objects or packs than this is packed.
LOOSE_OBJECTS_PACKED = 200
PACKS_JOINED = 4
# Work on hostile input, done in processes of its own
# What one look at a push or an upload may take; ordinary ones take a tenth of a second.
BOUNDED_WALL_SECONDS = 20.0
BOUNDED_CPU_SECONDS = 10.0
# Memory that one look may use; parsing the largest tree (MAX_TREE_BYTES) needs half.
BOUNDED_MEMORY_BYTES = 512 * MIB
# What comes back of one look; the metadata and the findings of the largest recipe have under 4 MiB.
BOUNDED_RESULT_BYTES = 80 * MIB
# Looks that one process of the portal has done at a time; more wait for their turn.
BOUNDED_AT_ONCE = 4
# Until the server of the processes is there: it loads the parsers, and the names in apt's lists.
BOUNDED_START_SECONDS = 60.0
# An upload is unpacked and parsed: MAX_UNPACKED_BYTES of xz take 4 seconds, and MAX_UNPACK_MEMORY beside the kept files.
UPLOAD_WALL_SECONDS = 30.0
UPLOAD_CPU_SECONDS = 15.0
UPLOAD_MEMORY_BYTES = 512 * MIB
# Who uploads while all places are taken is told so, and holds no thread of the server until one is free.
UPLOAD_WAIT_SECONDS = 1.0
# A page's lexer: MAX_HIGHLIGHT_BYTES take half a second; the file is shown without colours where it takes longer, or has to wait.
HIGHLIGHT_WALL_SECONDS = 3.0
HIGHLIGHT_CPU_SECONDS = 2.0
HIGHLIGHT_WAIT_SECONDS = 0.2
# Markdown of up to so many characters takes a tenth of a second at worst. Longer texts get a process: the worst README of
# MAX_README_BYTES takes a second, and is shown as it was written where it takes longer, or has to wait.
MAX_QUICK_MARKDOWN = 4_000
MARKDOWN_WALL_SECONDS = 3.0
MARKDOWN_CPU_SECONDS = 2.0
MARKDOWN_WAIT_SECONDS = 1.0
# The push hook: MAX_PUSH_COMMITS, or the largest tree, take half a second each. The wall clock is for a busy machine.
HOOK_CPU_SECONDS = 10.0
HOOK_WALL_SECONDS = 60.0
# An act that the database ended for another's sake is done again so often, after about so long each time.
RETRIED_ATTEMPTS = 5
RETRIED_SECONDS = 0.05
# Who has waited so long is told to come again.
RETRIED_FOR_SECONDS = 5.0
# When to come again, where the database is away or all places for long requests are taken.
RETRY_AFTER_SECONDS = 10
# Answers to git and uploads may hold this share of a web process's threads; pages keep the others.
LONG_REQUESTS_SHARE = 0.75
# Messages of one process that wait for a broker that is away; the rows are in the database.
MAX_UNSENT_MESSAGES = 1_000
# How long a command that ends waits for its messages to leave.
SENT_AT_END_SECONDS = 5.0
# What a process waits for a broker that does not answer, for each message and each try.
BROKER_SECONDS = 5.0
# A cache that does not answer: waited for so long, then left alone for a while, and each process keeps what it needs itself.
CACHE_SECONDS = 1.0
CACHE_AWAY_SECONDS = 5.0
# Until a database server that does not answer is given up.
DATABASE_CONNECT_SECONDS = 5

# Reading what was pushed (services/publishing/inspection.py): all commits of one push together, and each that the time did not
# suffice for.
INSPECTION_SECONDS = 15.0
INSPECTION_PARSE_SECONDS = 5.0

# Confirmation of files by others
# A project's page at a registry: the largest list some ten thousand files.
CONFIRM_RECORD_BYTES = 32 * MIB
# A detached signature has under a kilobyte; several of them in one file are usual.
CONFIRM_SIGNATURE_BYTES = 64 * KIB
# A signed file goes into the sandbox's memory whole.
CONFIRM_FILE_BYTES = 128 * MIB
# A page that shows a difference waits so long for what stands out in it.
MARKS_SECONDS = 3.0
# One message of a runner; lintian's explanations of all its tags have 3 MiB.
MAX_REPORT_BYTES = 8 * MIB
# The id of a message, and the name of a runner.
MAX_MESSAGE_ID = 200
# How long the reports' process waits for a message before it looks whether it is to end.
REPORT_QUEUE_SECONDS = 1.0
# What the recipe checks read in all scripts of one recipe together: commands, long ones counted as several, and steps, which are
# words, operators, brackets and expansions. Half a MiB of ordinary scripts comes to as many; few recipes of Debian's have more.
MAX_SHELL_COMMANDS = 24_000
MAX_SHELL_STEPS = 500_000
# Notifications that were read, and those that nobody has read.
READ_NOTIFICATION_DAYS = 180
UNREAD_NOTIFICATION_DAYS = 365
# The log of a lint that a newer one has taken the place of; its hints stay.
LINT_LOG_DAYS = 90
# Rows of a kind that one turn of the pruning removes.
PRUNED_AT_ONCE = 5_000
