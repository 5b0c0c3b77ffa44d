"""`manage.py gates_doc`: write docs/gates.md anew from the table of the gates."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recipes_app.services.gates import gates_doc


class Command(BaseCommand):
    """Write the page."""

    help = "Write docs/gates.md from recipes_app/services/gates/gate_table.py. A test fails where it is stale."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, and say where."""
        page = Path(settings.BASE_DIR) / "docs" / "gates.md"
        page.write_text(gates_doc.text(), encoding="utf-8")
        self.stdout.write(f"{page} is written")
