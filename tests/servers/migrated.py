"""An empty SQLite database with all tables, kept in var/tests: to migrate takes longer than most tests."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "var" / "tests"
# What a database follows from: migrations and what they import, the settings, and the versions of all applications.
_SOURCES = (
    "recipes_app/migrations/*.py",
    "recipes_app/models/*.py",
    "recipes_app/search/*.py",
    "portal/**/*.py",
    "requirements.txt",
)


@lru_cache
def migrated_database() -> Path:
    """Return the database that belongs to the sources as they are; made where it is missing. Nobody may write to it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(sys.version.encode())
    for source in sorted(each for pattern in _SOURCES for each in ROOT.glob(pattern)):
        digest.update(source.read_bytes())
    kept = KEPT / f"migrated-{digest.hexdigest()[:16]}.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            for older in KEPT.glob("migrated-*.sqlite3"):
                older.unlink()
            _make(kept)
    return kept


def _make(target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="portal-migrated-") as data:
        migrate({"PORTAL_DATA": data})
        made = target.with_suffix(".new")
        shutil.copy(Path(data, "portal.sqlite3"), made)
        made.replace(target)


def migrate(environment: Mapping[str, str], settings: str = "portal.settings.embedded") -> None:
    """Migrate the database that `environment` names."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "GIT_", "COV_"))}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, env={**inherited, "DJANGO_SETTINGS_MODULE": settings, **environment}, check=True,
    )  # fmt: skip
