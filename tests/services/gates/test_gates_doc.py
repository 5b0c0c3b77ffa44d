"""docs/gates.md says what the table says."""

from pathlib import Path

from django.conf import settings

from recipes_app.services.gates import gate_table, gates, gates_doc


def test_the_page_is_fresh():
    page = Path(settings.BASE_DIR) / "docs" / "gates.md"
    assert page.read_text(encoding="utf-8") == gates_doc.text(), "run: manage.py gates_doc"


def test_every_fact_of_the_table_is_asked():
    asked = {*gates.FACTS, "security-findings", "contradicted"}
    assert asked == {gate.id for gate in gate_table.FACTS}
