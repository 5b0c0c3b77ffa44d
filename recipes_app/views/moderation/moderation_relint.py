"""Re-lints: how far each is, before and after, and the buttons by which moderators begin, pause and resume them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import RelintRun
from recipes_app.services.core.permissions import Action, acts_of, require
from recipes_app.services.lint import relint, relint_reading

from ..shared.refusals import forbidden_page, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def relint_list(request: AccountRequest) -> HttpResponse:
    """Show each stage with what can be done, and the runs; begin one for the stage that is posted."""
    moderator = request.user
    if request.method == "POST":
        with forbidden_page(), said_on_next_page(request):
            run = relint.start(moderator, relint.named(request.POST.get("stage", "")))
            messages.success(request, _("It has begun, behind everything that was pushed."))
            return redirect("relint_run", run.pk)
        return redirect("relint")
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    context = {
        "stands": relint_reading.stands(),
        "runs": RelintRun.objects.order_by("-pk")[:PAGE_SIZE],
        "may": acts_of(moderator),
    }
    return render(request, "moderation/relint.html", context)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def relint_run(request: AccountRequest, run_id: int) -> HttpResponse:
    """Show one run with what it changed; pause it, or resume it with `act=resume`."""
    moderator = request.user
    run = get_object_or_404(RelintRun, pk=run_id)
    if request.method == "POST":
        with forbidden_page(), said_on_next_page(request):
            if request.POST.get("act") == "resume":
                relint.resume(moderator, run)
                messages.success(request, _("It goes on."))
            else:
                relint.pause(moderator, run)
                messages.success(request, _("It is paused: what runs already comes to its end."))
        return redirect("relint_run", run.pk)
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    context = {
        "run": run,
        "tags": relint_reading.tag_changes(run),
        "verdicts": relint_reading.verdicts(run),
        "may": acts_of(moderator),
    }
    return render(request, "moderation/relint_run.html", context)
