"""Accounts, names, and what trust is made of."""

# Accounts and trust cards
# Messages that people ask for by "ping" and "send again": who sets a receiver up tries it a few times in a row.
WEBHOOK_ASKED_SECONDS = 3_600
WEBHOOK_ASKED_PER_HOOK = 10
WEBHOOK_ASKED_PER_ACCOUNT = 30
# Likeness of names
# One letter's difference between two names is told from these lengths on, without the prefix of a family such as python3-. Of
# 2,000 names of Debian's source packages, 57 to 72 (three samples) are then like another one: fewer than 4 in a hundred.
LIKE_ANY_NAME_LENGTH = 9
# Names that everybody knows are few, and worth a trap when they are short.
LIKE_KNOWN_NAME_LENGTH = 6
# Names that a reason lists: more say no more.
MAX_LIKE_NAMES = 3
# Trust: gates by effect, delays, staging, reviews (services/gates/gate_table.py has what follows from these)
# Trust in a recipe is earned there by published revisions over days: how many, over how many days, at least.
EARNED_REVISIONS, EARNED_DAYS = 3, 30
ESTABLISHED_REVISIONS, ESTABLISHED_DAYS = 10, 180
# An account of which nothing was ever published is a newcomer for so long: waiting out the first week is not enough.
NEWCOMER_DAYS = 30
# A new key, token, factor or address counts as the account's own after so long, and after one published revision.
SETTLED_DAYS = 30
# Reach: votes, followers, and REQUIRED_BY_WEIGHT for each recipe that needs this one. From so much on it is small, medium, large.
SMALL_REACH, MEDIUM_REACH, LARGE_REACH = 1, 10, 50
REQUIRED_BY_WEIGHT = 5
# Hours that a delayed revision waits, by reach: a weekend's absence of everybody who could look at a popular one.
DELAY_HOURS = {"none": 24, "small": 24, "medium": 48, "large": 72}
# Of a hundred plain bumps so many are looked at by a person: one in 250. With what changes the build, one ordinary bump in twenty
# waits (docs/effects.md).
SAMPLED_PERCENT = 0.4
# Reasons of one gate that a page and a queue's line show; the difference has them all.
MAX_REASONS = 20
# Revisions of one account that wait for a reviewer at once: one person's pushes must not fill the queue.
MAX_OPEN_REVIEWS_PER_ACCOUNT = 20
# A review that nobody decides: reviewers are reminded, and then it is closed with notice and can be pushed again.
REVIEW_REMINDED_DAYS = 7
REVIEW_STALE_DAYS = 60
# Past reviews that the forecast of the wait is made of.
REVIEWS_FORECAST = 50
# What visitors read of the incident level may be so old.
INCIDENT_MEMO_SECONDS = 2

# Addresses whose domain has expired: whoever registers it anew gets the mail. A domain is asked for so often, so many in one run,
# each question so long; it is gone when DNS has said so for days, since a name server's fault lasts hours.
MAIL_DOMAIN_CHECK_DAYS = 7
MAIL_DOMAIN_GONE_DAYS = 3
MAIL_DOMAINS_PER_RUN = 200
DNS_SECONDS = 3.0
DNS_RUN_SECONDS = 300
# A link that proves an address again is as old as one that resets a password.
ADDRESS_PROOF_HOURS = 6
# Devices of one account that are remembered: a browser that has not been used for long is a new one.
MAX_KNOWN_DEVICES = 50
# From these on a recipe's team needs a second factor: so many machines run what they push.
FACTOR_VOTES = 50
FACTOR_FOLLOWERS = 50
FACTOR_REQUIRED_BY = 10
# Leaked tokens that one request may name, and how many requests an address may send in an hour: a scanner sends what one
# commit holds; who guesses needs 2^256.
MAX_LEAKED_TOKENS = 100
LEAK_REPORTS_PER_ADDRESS = 60
LEAK_REPORTS_SECONDS = 3_600
