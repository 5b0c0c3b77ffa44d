"""When an account gets which kind of notification by mail: the defaults, its choices, and the link that ends a kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from recipes_app.models import MailChoice, MailTime, Notification, Recipe, Switch, User

from ..core import switches
from ..core.errors import Refused
from ..core.permissions import Action, require
from . import follows

# What needs an answer comes at once; what one reads at leisure comes once a day.
DEFAULTS: dict[Notification.Kind, MailTime] = {
    Notification.Kind.COMMENT: MailTime.AT_ONCE,
    Notification.Kind.MENTION: MailTime.AT_ONCE,
    Notification.Kind.UPDATE: MailTime.DAILY,
    Notification.Kind.FLAG: MailTime.AT_ONCE,
    Notification.Kind.OWNERSHIP: MailTime.AT_ONCE,
    Notification.Kind.REQUEST: MailTime.AT_ONCE,
    Notification.Kind.MODEL_CLASS: MailTime.AT_ONCE,
    Notification.Kind.LINT: MailTime.DAILY,
    Notification.Kind.MODERATION: MailTime.AT_ONCE,
}
_SALT = "recipes_app.unsubscribe"
# What the link in a digest names instead of a kind.
DIGEST = "digest"


@dataclass(frozen=True)
class Subscription:
    """What an unsubscribe link stands for: a kind of mail to one account, for one recipe where `recipe` is given."""

    user: User
    kind: str
    recipe: Recipe | None

    @property
    def description(self) -> str:
        """What ends, as a phrase for a page."""
        if self.kind == DIGEST:
            return _("the daily digest")
        label = str(Notification.Kind(self.kind).label)
        return _("mail about %(kind)s of %(recipe)s") % {"kind": label, "recipe": self.recipe.name} if self.recipe else label


def times_for(users: Iterable[User], kind: Notification.Kind) -> dict[int, MailTime]:
    """Return when each of `users` wants mail of `kind`, by account number. One query."""
    ids = [user.pk for user in users]
    chosen = dict(MailChoice.objects.filter(user__in=ids, kind=kind).values_list("user_id", "how"))
    return {each: MailTime(chosen.get(each, DEFAULTS[kind])) for each in ids}


def choices_of(user: User) -> dict[Notification.Kind, MailTime]:
    """Return what `user` has chosen for each kind, the default where it has not. One query."""
    chosen = dict(MailChoice.objects.filter(user=user).values_list("kind", "how"))
    return {kind: MailTime(chosen.get(kind.value, default)) for kind, default in DEFAULTS.items()}


def choose(user: User, choices: Mapping[Notification.Kind, MailTime]) -> None:
    """Set when `user` gets the kinds of `choices` by mail; others stay as they are. Raises PermissionDenied."""
    require(Action.EDIT_ACCOUNT, user)
    with transaction.atomic():
        _write(user, choices)


def _write(user: User, choices: Mapping[Notification.Kind, MailTime]) -> None:
    """Write choices, and let what waits to be mailed follow them."""
    for kind, how in choices.items():
        MailChoice.objects.update_or_create(user=user, kind=kind, defaults={"how": how})
        Notification.objects.filter(user=user, kind=kind, mailed_at=None).exclude(mail=MailTime.NEVER).update(mail=how)


def unsubscribe_url(user_id: int, kind: str, recipe_id: int | None) -> str:
    """Return the full address that ends mail of `kind` (or DIGEST) to an account, for one recipe where it is given."""
    token = signing.dumps([user_id, kind, recipe_id], salt=_SALT)
    return f"{settings.PORTAL_URL}{reverse('unsubscribe', args=[token])}"


def read_token(token: str) -> Subscription:
    """Return what the token of an unsubscribe link stands for. Raises Refused where it is none, or its account is gone.

    It never runs out: RFC 8058 lets a reader unsubscribe from an old mail, and all it can do is to end a mail.
    """
    try:
        user_id, kind, recipe_id = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError) as problem:
        raise Refused(_("This link is not complete: copy it from the mail as a whole."), code="bad-token") from problem
    user = User.objects.filter(pk=user_id).first()
    recipe = Recipe.objects.filter(pk=recipe_id).first() if recipe_id else None
    if user is None or (recipe_id and recipe is None):
        raise Refused(_("The account or the recipe of this link is gone, and with it the mail."), code="gone")
    return Subscription(user, kind, recipe)


def unsubscribe(token: str) -> Subscription:
    """End the mail that `token` names, and return what ended. Once or often, the outcome is the same.

    The signed token stands for the permission: no one signs in to unsubscribe (RFC 8058). A frozen account may do it, since
    it only ends something. Raises Refused for a bad token and in maintenance mode, when nothing is written.
    """
    subscription = read_token(token)
    message = switches.message_if_off(Switch.Name.WRITES)
    if message is not None:
        raise Refused(message, code="maintenance")
    with transaction.atomic():
        _end(subscription)
    return subscription


def _end(subscription: Subscription) -> None:
    user, recipe = subscription.user, subscription.recipe
    if subscription.kind == DIGEST:
        daily = [kind for kind, how in choices_of(user).items() if how == MailTime.DAILY]
        _write(user, dict.fromkeys(daily, MailTime.NEVER))
        return
    kind = Notification.Kind(subscription.kind)
    if recipe is None:
        _write(user, {kind: MailTime.NEVER})
        return
    follows.mute(user, recipe, kind)
    Notification.objects.filter(user=user, recipe=recipe, kind=kind, mailed_at=None).update(mail=MailTime.NEVER)
