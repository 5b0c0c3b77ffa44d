"""Invitations: nobody becomes a co-maintainer, or an owner, unasked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import INVITATION_DAYS, MAX_CO_MAINTAINERS
from recipes_app.models import CoMaintainer, CoRole, Invitation, Notification, Recipe, User

from ..audit import audit, events
from ..audit.audit import EventKind
from ..core.errors import Refused
from ..core.permissions import Action, is_verified, require
from ..core.retrying import retried
from .ownership import hand_over, lock, order_succession, remove_co_maintainer


@retried
def invite(user: User, recipe: Recipe, invitee: User, role: CoRole, position: int | None = None) -> Invitation:
    """Offer `invitee` a place in the team of `recipe`, at `position` in the succession (None: the end).

    An open offer to the same account is replaced. Raises PermissionDenied, Refused.
    """
    require(Action.INVITE, user, recipe)
    with transaction.atomic():
        locked = lock(recipe)
        _check_invitee(locked, invitee)
        if CoMaintainer.objects.filter(recipe=locked, user=invitee).exists():
            raise Refused(
                _("%(invitee)s co-maintains %(recipe)s already") % {"invitee": invitee.username, "recipe": recipe.name},
                field="username",
                code="already",
            )
        if locked.co_maintainers.count() + locked.invitations.count() >= MAX_CO_MAINTAINERS:
            raise Refused(
                _("a recipe has at most %(most)s co-maintainers, invited ones counted") % {"most": MAX_CO_MAINTAINERS},
                code="too-many",
            )
        return _offer(user, locked, invitee, role.value, position)


@retried
def change_role(user: User, recipe: Recipe, member: User, role: CoRole) -> None:
    """Give the co-maintainer `member` another role. Raises PermissionDenied, Refused where he is none."""
    require(Action.INVITE, user, recipe)
    with transaction.atomic():
        if not CoMaintainer.objects.filter(recipe=lock(recipe), user=member).update(role=role):
            raise Refused(
                _("%(member)s does not co-maintain %(recipe)s") % {"member": member.username, "recipe": recipe.name},
                field="username",
                code="no-co-maintainer",
            )
        audit.record(EventKind.CO_MAINTAINER_JOINED, user, recipe=recipe, account=member, public={"role": role.value})


@retried
def offer_transfer(user: User, recipe: Recipe, heir: User) -> Invitation:
    """Offer `heir` the whole recipe; it changes hands when he accepts. Raises PermissionDenied, Refused."""
    require(Action.TRANSFER, user, recipe)
    with transaction.atomic():
        locked = lock(recipe)
        _check_invitee(locked, heir)
        return _offer(user, locked, heir, Invitation.TRANSFER, None)


def _check_invitee(recipe: Recipe, invitee: User) -> None:
    if recipe.maintainer_id == invitee.pk:
        raise Refused(
            _("%(invitee)s maintains %(recipe)s already") % {"invitee": invitee.username, "recipe": recipe.name},
            field="username",
            code="already",
        )
    if not invitee.is_active or invitee.frozen_at is not None or not is_verified(invitee):
        raise Refused(
            _("%(invitee)s cannot be invited: the account is frozen, closed or has no verified address")
            % {"invitee": invitee.username},
            field="username", code="not-invitable",
        )  # fmt: skip


def _offer(user: User, recipe: Recipe, invitee: User, role: str, position: int | None) -> Invitation:
    invitation, _created = Invitation.objects.update_or_create(
        recipe=recipe,
        user=invitee,
        defaults={
            "role": role,
            "position": position,
            "invited_by_name": user.username,
            "expires_at": timezone.now() + timedelta(days=INVITATION_DAYS),
        },
    )
    values = {"user": user.username, "recipe": recipe.name}
    events.publish(events.Happened(
        EventKind.CO_MAINTAINER_INVITED, user, recipe=recipe, account=invitee, public={"role": role},
        told=events.Told(
            Notification.Kind.OWNERSHIP, lambda: _offer_in_words(role, values), recipe.get_absolute_url(), [invitee],
        ),
    ))  # fmt: skip
    return invitation


def _offer_in_words(role: str, values: dict[str, str]) -> str:
    if role == Invitation.TRANSFER:
        return _("%(user)s offers you %(recipe)s: accept, and you maintain it.") % values
    return _("%(user)s invites you to co-maintain %(recipe)s (%(role)s).") % {**values, "role": CoRole(role).label}


@retried
def accept(user: User, recipe: Recipe) -> None:
    """Take up the offer that `user` has for `recipe`. Raises PermissionDenied, Refused where there is none or it ran out."""
    require(Action.FOLLOW, user, recipe)
    with transaction.atomic():
        locked = lock(recipe)
        invitation = Invitation.objects.filter(recipe=locked, user=user, expires_at__gt=timezone.now()).first()
        if invitation is None:
            raise Refused(
                _("there is no open invitation to %(recipe)s for you: it ran out or was taken back") % {"recipe": recipe.name},
                code="no-invitation",
            )
        if invitation.role == Invitation.TRANSFER:
            hand_over(locked, user, EventKind.OWNER_TRANSFERRED, user, adopted=True)
            return
        _make_room(locked, invitation)
        invitation.delete()
        audit.record(EventKind.CO_MAINTAINER_JOINED, user, recipe=locked, account=user, public={"role": invitation.role})


def _make_room(recipe: Recipe, invitation: Invitation) -> None:
    """Put the invited account into the succession at the place that it was offered."""
    last = recipe.co_maintainers.aggregate(last=Max("position"))["last"]
    end = 0 if last is None else last + 1
    position = end if invitation.position is None else invitation.position
    CoMaintainer.objects.create(
        recipe=recipe, user=invitation.user, role=invitation.role, position=position, since=timezone.now()
    )


def decline(user: User, recipe: Recipe) -> None:
    """Turn down the offer that `user` has for `recipe`. Raises Refused where there is none."""
    require(Action.FOLLOW, user, recipe)
    _drop(recipe, user)


def take_back(user: User, recipe: Recipe, invitee: User) -> None:
    """Withdraw the offer to `invitee`. Raises PermissionDenied, Refused where there is none."""
    require(Action.INVITE, user, recipe)
    _drop(recipe, invitee)


def _drop(recipe: Recipe, invitee: User) -> None:
    deleted, _rows = Invitation.objects.filter(recipe=recipe, user=invitee).delete()
    if not deleted:
        raise Refused(
            _("there is no open invitation to %(recipe)s for %(invitee)s") % {"recipe": recipe.name, "invitee": invitee.username},
            code="no-invitation",
        )


def members_named(usernames: Sequence[str]) -> list[User]:
    """Return the active accounts of these names, in this order. One query. Raises Refused with the first that there is not."""
    found = {user.username: user for user in User.objects.filter(username__in=usernames, is_active=True)}
    for username in usernames:
        if username not in found:
            raise Refused(_("there is no account %(username)r") % {"username": username[:80]}, field="username", code="not-found")
    return [found[username] for username in usernames]


@retried
def set_co_maintainers(user: User, recipe: Recipe, members: Sequence[User]) -> list[Invitation]:
    """Bring the team of `recipe` to `members`, in this order: who is missing is invited, who is not named leaves.

    What SSH's `set-comaintainers` does. The order holds for those who accept later, too. Raises PermissionDenied, Refused.
    """
    require(Action.INVITE, user, recipe)
    wanted = list(dict.fromkeys(members))
    with transaction.atomic():
        present = {member.user for member in lock(recipe).co_maintainers.select_related("user")}
        for member in present - set(wanted):
            remove_co_maintainer(user, recipe, member)
        Invitation.objects.filter(recipe=recipe).exclude(role=Invitation.TRANSFER).exclude(user__in=wanted).delete()
        order_succession(user, recipe, [member.username for member in wanted if member in present])
        for member in present & set(wanted):
            CoMaintainer.objects.filter(recipe=recipe, user=member).update(position=wanted.index(member))
        return [
            invite(user, recipe, member, CoRole.PUSH, position) for position, member in enumerate(wanted) if member not in present
        ]


def drop_expired() -> int:
    """Remove offers that ran out; return how many. A beat task calls it."""
    deleted, _rows = Invitation.objects.filter(expires_at__lte=timezone.now()).delete()
    return deleted
