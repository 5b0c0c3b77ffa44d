"""What makes a revision wait: the table of the gates, as docs/gates.md has it, with the modes of this site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.services.gates import gates
from recipes_app.services.gates.gate_table import CLASSES, DECISION_WORDS, FACTS, TABLE, TRUST, TRUST_WORDS, Mode
from recipes_app.services.publishing import reviews


@require_safe
def gate_list(request: HttpRequest) -> HttpResponse:
    """Show the table. Two queries."""
    rows = [(trust, TRUST_WORDS[trust], [_cell(TABLE[trust][gate.id]) for gate in CLASSES]) for trust in TABLE]
    context = {
        "classes": [(gate, gates.mode_of(gate.id)) for gate in CLASSES],
        "facts": [(gate, gates.mode_of(gate.id)) for gate in FACTS],
        "rows": rows,
        "decisions": DECISION_WORDS.items(),
        "trust_is_observed": gates.mode_of(TRUST.id) is not Mode.ENFORCE,
        "forecast": reviews.forecast(),
        "enforced": Mode.ENFORCE,
        "title": _("What makes a revision wait"),
    }
    return render(request, "gates.html", context)


def _cell(decisions: tuple[str, ...]) -> str:
    return str(decisions[0]) if len(set(decisions)) == 1 else " · ".join(decisions)
