"""Accounts and their tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..mail_addresses import normal

# A username stands in URLs, in git's reflog and beside commits: lower case, no dot at an end, never reused or changed.
username_validators = [
    RegexValidator(
        r"^[a-z0-9](?:[a-z0-9]|[._-](?=[a-z0-9])){1,38}$",
        _("Use 2 to 39 lower-case letters, digits, and single '.', '_' or '-' between them."),
    )
]


class Rank(models.TextChoices):
    """What the site trusts an account with, beside what it may do with its own recipes."""

    USER = "user", _("user")
    TRUSTED = "trusted", _("trusted reviewer")
    MODERATOR = "moderator", _("moderator")
    ADMINISTRATOR = "administrator", _("administrator")


class User(AbstractUser):
    """An account. The address is verified by allauth; an unverified account reads and writes nothing."""

    username = models.CharField(_("username"), max_length=39, unique=True, validators=username_validators)
    email = models.EmailField(_("email address"), unique=True)
    rank = models.CharField(max_length=16, choices=Rank, default=Rank.USER)

    about = models.TextField(blank=True, max_length=2000)
    homepage = models.URLField(blank=True, max_length=200)
    openpgp_fingerprint = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)
    # Colours, contrast, keys: as `appearance` reads and `services.accounts.appearance` writes them.
    appearance = models.CharField(max_length=40, blank=True)
    # The terms of service that the account accepted last; every account accepts each version once.
    terms_version = models.CharField(max_length=20, blank=True)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)
    # A frozen account reads like any visitor and writes nothing. Nothing of it is lost.
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_reason = models.TextField(blank=True)
    # When what protects the account changed last (factor, address, a password that was reset): trust is earned anew from then.
    armour_changed_at = models.DateTimeField(null=True, blank=True)
    # Since when no mail resets the password: the address's domain had expired (`services.accounts.mail_domains`).
    recovery_lost_at = models.DateTimeField(null=True, blank=True)

    first_name = None  # type: ignore[assignment]  # how Django drops a field
    last_name = None  # type: ignore[assignment]  # how Django drops a field

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the address in its normal form: `email` is unique by it, whoever writes."""
        self.email = normal(self.email)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address of the account's public page."""
        return reverse("user", args=[self.username])

    def get_full_name(self) -> str:
        """Return the username: the portal asks for no other name."""
        return self.username

    def get_short_name(self) -> str:
        """Return the username."""
        return self.username


class Scope(models.TextChoices):
    """What a token may be used for. A scope never gives what its account may not do."""

    READ = "read", _("read")
    PUSH = "push", _("push")
    OWN = "own", _("own: give away, disown, invite, adopt, request deletion, manage webhooks")
    COMMENT = "comment", _("comment and vote")
    MODERATE = "moderate", _("moderate")


class ApiToken(models.Model):
    """A secret that stands for an account in git and API. Only its SHA-256 is kept; the secret is shown once.

    The secret has 256 bits of entropy, so a plain hash is enough: there is nothing to guess.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12, help_text=_("The first characters, to tell tokens apart."))
    scopes = models.JSONField(default=list)
    # The one recipe that the token reaches; None: all that its account does.
    recipe = models.ForeignKey("Recipe", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user.username}: {self.name} ({self.hint}…)"


class SshKey(models.Model):
    """A public key that signs an account in over SSH. `fingerprint` is OpenSSH's `SHA256:…`; a key belongs to one account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ssh_keys")
    name = models.CharField(max_length=80)
    key_type = models.CharField(max_length=60)
    blob = models.TextField(help_text=_("The base64 part of the key."))
    fingerprint = models.CharField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.fingerprint})"


class KnownDevice(models.Model):
    """A device that an account has signed in from, by the digest of its cookie."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices")
    digest = models.CharField(max_length=64, db_index=True)
    first_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at"]
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="device_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.digest[:8]}"


class MailDomain(models.Model):
    """What DNS said of a domain that accounts have their addresses at; `gone_since` is when it first said that it is no more."""

    name = models.CharField(max_length=255, unique=True)
    checked_at = models.DateTimeField()
    gone_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SecurityEvent(models.Model):
    """A line of an account's security history, which it sees itself: sign-ins, changed secrets, tokens, keys."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_events")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["user", "-at"], name="security_history")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"
