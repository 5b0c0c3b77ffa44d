"""The webhooks of a recipe: the list with the form for another one, and a page for each with the log of what was sent."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recipes_app.forms.webhooks import WebhookForm
from recipes_app.limits import PAGE_SIZE
from recipes_app.models import Recipe, User, Webhook
from recipes_app.services.notifications import webhooks

from ..shared.access import recipe_or_404
from ..shared.actions import row_number
from ..shared.refusals import forbidden_page, refused_in_form, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_list(request: AccountRequest, name: str) -> HttpResponse:
    """Show the hooks, and add one: its secret stands on this one answer, in no session and in no message."""
    recipe, user = recipe_or_404(name), request.user
    form, added = WebhookForm(request.POST or None), None
    with forbidden_page():
        if request.method == "POST" and form.is_valid():
            with refused_in_form(form):
                added = webhooks.add(user, recipe, form.cleaned_data["url"], form.cleaned_data["events"])
        hooks = list(webhooks.of_recipe(user, recipe))
    context = {
        "recipe": recipe, "revision": recipe.current, "hooks": hooks, "added": added, "form": WebhookForm() if added else form,
    }  # fmt: skip
    return render(request, "recipes/webhooks.html", context, status=201 if added else 400 if form.errors else 200)


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: AccountRequest, name: str, hook_id: int) -> HttpResponse:
    """Show one hook with its log; end it, resume it, try it out, send a message again."""
    recipe, user = recipe_or_404(name), request.user
    with forbidden_page():
        hook = webhooks.of_recipe(user, recipe).filter(pk=hook_id).annotate(sent=Count("deliveries")).first()
        if hook is None:
            raise Http404(_("There is no such webhook: it was ended."))
        if request.method == "POST":
            return _act(request, user, recipe, hook)
        log = Paginator(webhooks.log_of(user, hook), PAGE_SIZE)
        # The hook's own query has counted them.
        log.count = hook.sent
        page = log.get_page(request.GET.get("page"))
    context = {"recipe": recipe, "revision": recipe.current, "hook": hook, "page": page}
    return render(request, "recipes/webhook.html", context)


def _act(request: HttpRequest, user: User, recipe: Recipe, hook: Webhook) -> HttpResponse:
    """Do what the button says."""
    act = request.POST.get("act", "")
    with said_on_next_page(request):
        if act == "end":
            webhooks.end(user, hook)
            messages.success(request, _("The webhook is ended: nothing is sent there any more."))
            return redirect("webhooks", recipe.name)
        if act == "resume":
            webhooks.resume(user, hook)
            messages.success(request, _("The webhook hears of what happens from now on."))
        elif act == "ping":
            webhooks.ping(user, hook)
            messages.success(request, _("A message is on its way: look at the log in a moment."))
        else:
            number = row_number(request.POST.get("delivery", ""))
            delivery = webhooks.log_of(user, hook).filter(pk=number).first() if number is not None else None
            if act != "redeliver" or delivery is None:
                raise Http404(_("There is nothing to do of the name %(act)s.") % {"act": act})
            webhooks.redeliver(user, delivery)
            messages.success(request, _("The message is on its way once more."))
    return redirect("webhook", recipe.name, hook.pk)
