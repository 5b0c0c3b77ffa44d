"""The database's shape: accounts, catalogue, lint results, search; a file each. May import `formats` and `limits` only.

No rule lives here: writes go through `services`, which also keep the columns that are copied for speed true.
"""

from .accounts import ApiToken, Rank, Scope, User
from .catalogue import BinaryPackage, PackageRelation, Recipe, Revision, SuiteBranch
from .lint import LintHint, LintJob, LintState, LintTag
from .search import SearchDocument

__all__ = [
    "ApiToken",
    "BinaryPackage",
    "LintHint",
    "LintJob",
    "LintState",
    "LintTag",
    "PackageRelation",
    "Rank",
    "Recipe",
    "Revision",
    "Scope",
    "SearchDocument",
    "SuiteBranch",
    "User",
]
