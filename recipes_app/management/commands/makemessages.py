"""Django's makemessages, writing what merges well: `./dev messages` calls it."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Sorted, so that two branches that add words seldom meet; never guessing, since a guess may be overlooked."""

    msgmerge_options = ["-q", "--backup=none", "--update", "--no-fuzzy-matching", "--sort-output"]

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Write the catalogue of `locale` without the time of the run, which would differ on every branch."""
        super().write_po_file(potfile, locale)
        for catalogue in Path(potfile).parent.glob(f"{locale}/LC_MESSAGES/*.po"):
            text = catalogue.read_text(encoding="utf-8")
            catalogue.write_text(re.sub(r'^"POT-Creation-Date: .*\\n"\n', "", text, flags=re.MULTILINE), encoding="utf-8")
