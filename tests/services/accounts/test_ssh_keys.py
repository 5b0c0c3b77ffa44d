"""SSH keys: what ssh-keygen makes is taken with ssh-keygen's own fingerprint; everything else is refused by its rule."""

import base64
import subprocess

import pytest

from recipes_app.limits import MAX_SSH_KEYS
from recipes_app.models import SecurityEvent, SshKey
from recipes_app.services.accounts import ssh_keys
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from tests.factories import make_user

# Made with `ssh-keygen -t ed25519`; the private halves were thrown away.
ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk4fWJb7cXFvX1C2yQ9m5bF7rVYp3bq0s0m8cY9Jt1u ada@laptop"


def keygen(folder, *arguments: str) -> str:
    """Return the public key that the real ssh-keygen makes."""
    path = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", "ada@laptop", "-f", str(path), *arguments], check=True)
    return path.with_suffix(".pub").read_text()


def packed(*fields: bytes) -> str:
    return base64.b64encode(b"".join(len(field).to_bytes(4) + field for field in fields)).decode()


@pytest.mark.server
@pytest.mark.parametrize(
    "arguments",
    [("-t", "ed25519"), ("-t", "rsa", "-b", "3072"), *[("-t", "ecdsa", "-b", bits) for bits in ("256", "384", "521")]],
    ids=lambda arguments: "-".join(arguments[1::2]),
)
def test_key_of_ssh_keygen_is_taken_with_its_fingerprint(tmp_path, arguments):
    line = keygen(tmp_path, *arguments)
    listed = subprocess.run(["ssh-keygen", "-l", "-f", str(tmp_path / "key.pub")], capture_output=True, text=True, check=True)
    key = ssh_keys.parse(line)
    assert key.fingerprint == listed.stdout.split()[1]
    assert (key.key_type, key.blob, key.comment) == tuple(line.split())


def test_key_on_a_fido_token_is_taken():
    line = "sk-ssh-ed25519@openssh.com " + packed(b"sk-ssh-ed25519@openssh.com", b"p" * 32, b"ssh:")
    assert ssh_keys.parse(line).key_type == "sk-ssh-ed25519@openssh.com"


@pytest.mark.server
def test_short_rsa_key_is_refused_with_its_length(tmp_path):
    with pytest.raises(Refused, match="2048 bits, and 3072 is the least"):
        ssh_keys.parse(keygen(tmp_path, "-t", "rsa", "-b", "2048"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "this has 0 lines"),
        (f"{ED25519}\n{ED25519}", "this has 2 lines"),
        (f'command="sh" {ED25519}', "no type of key"),
        (f"restrict,pty {ED25519}", "no type of key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----", "keep it to yourself"),
        ("ssh-dss " + packed(b"ssh-dss", b"p", b"q", b"g", b"y"), "no type of key"),
        ("ssh-ed25519", "missing after its type"),
        ("ssh-ed25519 AAAA!", "not whole"),
        (ED25519.split(maxsplit=1)[0] + " " + ED25519.split()[1][:-8], "not whole"),
        ("ssh-ed25519 " + packed(b"ssh-rsa", b"p" * 32), "another type"),
        ("ssh-ed25519 " + packed(b"ssh-ed25519", b"p" * 31), "do not fit"),
        ("ssh-ed25519 " + packed(b"ssh-ed25519", b"p" * 32, b"more"), "do not fit"),
        ("ecdsa-sha2-nistp256 " + packed(b"ecdsa-sha2-nistp256", b"nistp384", b"\4" + b"p" * 96), "do not fit"),
        ("ecdsa-sha2-nistp256 " + packed(b"ecdsa-sha2-nistp256", b"nistp256", b"\2" + b"p" * 64), "do not fit"),
        ("sk-ssh-ed25519@openssh.com " + packed(b"sk-ssh-ed25519@openssh.com", b"p" * 32, b"https://evil"), "do not fit"),
        ("ssh-rsa " + packed(b"ssh-rsa", b"\2", b"\0" + b"\xff" * 384), "do not fit"),
    ],
)
def test_what_is_no_good_public_key_is_refused_in_words(text, words):
    with pytest.raises(Refused, match=words) as refused:
        ssh_keys.parse(text)
    assert refused.value.field == "key"


@pytest.mark.django_db
class TestKeysOfAccounts:
    def test_key_is_called_by_its_comment_where_no_name_is_given(self):
        assert ssh_keys.add(make_user(), " ", ED25519).name == "ada@laptop"

    def test_key_belongs_to_one_account(self):
        ssh_keys.add(make_user("ada"), "laptop", ED25519)
        with pytest.raises(Refused, match="in use here already"):
            ssh_keys.add(make_user("bob"), "mine", ED25519.replace("ada@laptop", "bob"))
        assert SshKey.objects.get().user.username == "ada"

    def test_unverified_account_adds_none(self):
        with pytest.raises(PermissionDenied, match="verify your e-mail address"):
            ssh_keys.add(make_user(verified=False), "laptop", ED25519)

    def test_more_keys_than_the_limit_are_refused(self):
        ada = make_user()
        for number in range(MAX_SSH_KEYS):
            SshKey.objects.create(user=ada, name="n", key_type="ssh-ed25519", blob="b", fingerprint=f"SHA256:{number}")
        with pytest.raises(Refused, match="at most 20 keys"):
            ssh_keys.add(ada, "one more", ED25519)

    def test_owner_removes_his_key_and_nobody_else_does(self):
        ada = make_user("ada")
        key = ssh_keys.add(ada, "laptop", ED25519)
        assert not ssh_keys.remove(make_user("bob"), key.pk)
        assert ssh_keys.remove(ada, key.pk)
        assert not SshKey.objects.exists()

    def test_history_has_the_key_that_came_and_went(self):
        ada = make_user()
        key = ssh_keys.add(ada, "laptop", ED25519)
        ssh_keys.remove(ada, key.pk)
        kinds = SecurityEvent.objects.filter(user=ada).values_list("kind", "detail")
        assert list(kinds) == [("key-removed", f"laptop {key.fingerprint}"), ("key-added", f"laptop {key.fingerprint}")]
