"""What moderators set for the whole site: rules about names, switches, and the incident level."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recipes_app.forms.moderation import IncidentForm, NameRuleForm, SwitchForm
from recipes_app.models import IncidentNotice, NameRule, Switch
from recipes_app.services.core.permissions import Action, acts_of, require
from recipes_app.services.gates import incident
from recipes_app.services.gates.gate_table import INCIDENT_WORDS, Incident
from recipes_app.services.moderation import site

from ..shared.actions import ActPage, act_page
from ..shared.refusals import forbidden_page, said_in_form, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required

_NOTICES_SHOWN = 25


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def name_rules(request: AccountRequest) -> HttpResponse:
    """List the rules for names of new recipes, and take a new one."""
    moderator = request.user
    form = NameRuleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with said_in_form(form):
            site.add_name_rule(moderator, said["pattern"], NameRule.Effect(said["effect"]), said["reason"])
            messages.success(request, _("The rule counts from now on."))
            return redirect("name_rules")
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    context = {"form": form, "rules": NameRule.objects.all(), "may": acts_of(moderator)}
    return render(request, "moderation/names.html", context, status=400 if form.errors else 200)


@account_required
@require_POST
def remove_name_rule(request: AccountRequest, rule_id: int) -> HttpResponse:
    """Remove a rule."""
    rule = get_object_or_404(NameRule, pk=rule_id)
    with forbidden_page(), said_on_next_page(request):
        site.remove_name_rule(request.user, rule)
        messages.success(request, _("The rule %(pattern)s counts no more.") % {"pattern": rule.pattern})
    return redirect("name_rules")


@account_required
@require_safe
def switches(request: AccountRequest) -> HttpResponse:
    """Show every switch, with what people read while it is off."""
    moderator = request.user
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    return render(request, "moderation/switches.html", {"switches": site.switches(), "may": acts_of(moderator)})


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def turn_switch(request: AccountRequest, name: str) -> HttpResponse:
    """Turn a switch: off where it is on, with the message, and on where it is off."""
    switch = next((each for each in site.switches() if each.name == name), None)
    if switch is None:
        raise Http404(_("There is no switch of the name %(name)s.") % {"name": name})
    form = SwitchForm(request.POST if request.method == "POST" else None, initial={"message": switch.message})
    off, what = not switch.off, Switch.Name(name)

    def do() -> None:
        site.turn(request.user, what, off=off, message=form.cleaned_data["message"])

    page = ActPage(
        title=(_("Turn off: %(what)s") if off else _("Turn on: %(what)s")) % {"what": what.label},
        lead=_("It is off for everybody, moderators too, until it is turned on again.") if off else "",
        button=_("Turn off") if off else _("Turn on"),
        done=(_("Off: %(what)s.") if off else _("On: %(what)s.")) % {"what": what.label},
        back=reverse("switches"),
        danger=off,
    )
    return act_page(request, page, form, do)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def incident_level(request: AccountRequest) -> HttpResponse:
    """Show the site's incident level with its history, and change it."""
    moderator = request.user
    form = IncidentForm(request.POST if request.method == "POST" else None, initial={"level": incident.level().value})
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            incident.set_level(moderator, Incident(form.cleaned_data["level"]), form.cleaned_data["words"])
            messages.success(request, _("The incident level is set; the public log has it."))
            return redirect("incident_level")
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    context = {
        "form": form,
        "in_force": incident.level(),
        "levels": INCIDENT_WORDS.items(),
        "notices": IncidentNotice.objects.all()[:_NOTICES_SHOWN],
        "may": acts_of(moderator),
    }
    return render(request, "moderation/incident.html", context, status=400 if form.errors else 200)
