"""`python -m tests.servers.oidc_site.prepare REDIRECT_URI`: make the tables, the accounts, and the portal as a client."""

from __future__ import annotations

import sys

import django
from django.core.management import call_command

CLIENT_ID, CLIENT_SECRET = "portal", "between the two sites"
USERNAMES, PASSWORD = ("linus", "eve"), "a word of the other site"


def main(redirect_uri: str) -> None:
    """Fill the empty database that the environment names."""
    django.setup()
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - models can be imported only after setup
    from allauth.idp.oidc.models import Client  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for username in USERNAMES:
        user = User.objects.create_user(username, f"{username}@example.org", PASSWORD)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    client = Client(id=CLIENT_ID, name="portal", scopes="openid\nprofile\nemail", redirect_uris=redirect_uri, skip_consent=True)
    client.set_secret(CLIENT_SECRET)
    client.save()


if __name__ == "__main__":
    main(sys.argv[1])
