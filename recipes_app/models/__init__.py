"""The database's shape, a file each: accounts, catalogue, community, ownership, moderation, lint, re-lints, notifications,
search, webhooks.

May import `formats`, `limits` and `mail_addresses` only. No rule lives here: writes go through `services`, which also keep the
columns true that are copied for speed.
"""

from .accounts import ApiToken, KnownDevice, MailDomain, Rank, Scope, SecurityEvent, SshKey, User
from .api import KeptAnswer
from .catalogue import BinaryPackage, Keyword, PackageRelation, Recipe, Revision, Staging, SuiteBranch, TrialBuilds
from .community import Comment, Flag, Follow, Vote
from .dumps import DumpLine
from .lint import LintHint, LintJob, LintPriority, LintRunner, LintState, LintTag
from .moderation import Event, Hold, IncidentNotice, ModelRuling, NameRule, News, QueueEntry, Report, Switch
from .notifications import MailChoice, MailTime, Notification, OutboxMail
from .ownership import CoMaintainer, CoRole, Invitation, NameRedirect, OwnershipRequest
from .relint import LintTool, RelintChange, RelintRun
from .search import SearchDocument, SearchWord
from .webhooks import Webhook, WebhookDelivery

__all__ = [
    "ApiToken",
    "BinaryPackage",
    "CoMaintainer",
    "CoRole",
    "Comment",
    "DumpLine",
    "Event",
    "Flag",
    "Follow",
    "Hold",
    "IncidentNotice",
    "Invitation",
    "KeptAnswer",
    "Keyword",
    "KnownDevice",
    "LintHint",
    "LintJob",
    "LintPriority",
    "LintRunner",
    "LintState",
    "LintTag",
    "LintTool",
    "MailChoice",
    "MailDomain",
    "MailTime",
    "ModelRuling",
    "NameRedirect",
    "NameRule",
    "News",
    "Notification",
    "OutboxMail",
    "OwnershipRequest",
    "PackageRelation",
    "QueueEntry",
    "Rank",
    "Recipe",
    "RelintChange",
    "RelintRun",
    "Report",
    "Revision",
    "Scope",
    "SearchDocument",
    "SearchWord",
    "SecurityEvent",
    "SshKey",
    "Staging",
    "SuiteBranch",
    "Switch",
    "TrialBuilds",
    "User",
    "Vote",
    "Webhook",
    "WebhookDelivery",
]
