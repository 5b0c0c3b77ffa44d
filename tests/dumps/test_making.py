"""A dump in place: whole or not at all, one at a time, signed so that anybody can check it."""

from __future__ import annotations

import errno
import fcntl
import subprocess

import pytest
from django.core.management import CommandError, call_command

from recipes_app.models import DumpLine
from recipes_app.services.catalogue import votes
from recipes_app.services.dumps import files, making, signature
from recipes_app.tasks import housekeeping as tasks

pytestmark = pytest.mark.django_db


def current():
    return making.folder() / making.CURRENT


def test_unchanged_catalogue_leaves_the_dump_alone(recipes):
    assert making.make().changed == 3
    place = current().resolve()
    again = making.make()
    assert (again.serial, again.changed) == (1, 0)
    assert current().resolve() == place


def test_every_change_gets_the_next_serial(recipes, ada):
    making.make()
    votes.vote(ada, recipes[0])
    made = making.make()
    assert (made.serial, made.changed, made.recipes) == (2, 1, 3)
    assert (current() / making.SERIAL).read_text() == "2\n"


def test_dump_that_fails_leaves_the_one_before_and_nothing_else(recipes, ada, monkeypatch):
    making.make()
    place = current().resolve()
    votes.vote(ada, recipes[0])
    monkeypatch.setattr(signature, "sign", lambda _path: (_ for _ in ()).throw(signature.CannotSign("no key")))
    with pytest.raises(signature.CannotSign):
        making.make()
    assert current().resolve() == place
    assert not list(making.folder().glob(".new-*"))
    monkeypatch.undo()
    # Its serial was given out already; its files come with the next one.
    assert making.make().serial == 2
    assert (current() / making.SERIAL).read_text() == "2\n"


def test_disk_that_fills_up_while_lines_are_written_ends_the_dump(recipes, ada, monkeypatch):
    making.make()
    place = current().resolve()
    votes.vote(ada, recipes[0])

    def full(*_piece):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.Writer, "add", full)
    with pytest.raises(OSError, match="No space left"):
        making.make()
    assert (current().resolve(), making.newest_serial()) == (place, 1)
    assert not list(making.folder().glob(".new-*"))


def test_one_at_a_time(recipes):
    making.make()
    with (making.folder() / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(making.DumpRunning):
            making.make()
        with pytest.raises(CommandError, match="made already"):
            call_command("make_dumps")
        tasks.make_dumps()


def test_older_dumps_stay_for_who_is_fetching_them_and_then_go(recipes, ada):
    for number in range(5):
        DumpLine.objects.filter(name="hello-dur").update(digest=f"{number:064x}")
        making.make()
    assert sorted(int(path.name) for path in making.folder().iterdir() if path.name.isdigit()) == [3, 4, 5]


def test_checksums_are_those_of_the_files(recipes):
    making.make()
    listed = (current() / making.SUMS).read_text().splitlines()
    assert [line.split()[1] for line in listed] == list(files.NAMES)
    checked = subprocess.run(["sha256sum", "--check", making.SUMS], cwd=current(), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def verify(content: bytes) -> int:
    command = ["ssh-keygen", "-Y", "verify", "-f", making.SIGNERS, "-I", "dumps", "-n", "dumps", "-s", f"{making.SUMS}.sig"]
    return subprocess.run(command, cwd=current(), input=content, capture_output=True, check=False).returncode


def test_signature_is_checked_by_openssh_and_fits_nothing_else(recipes):
    making.make()
    sums = (current() / making.SUMS).read_bytes()
    assert verify(sums) == 0
    assert verify(sums.replace(b"names", b"Names")) != 0


def test_key_is_made_once_and_nobody_else_reads_it(recipes, ada, data):
    making.make()
    key = signature.key()
    assert key.stat().st_mode & 0o077 == 0
    signers = (current() / making.SIGNERS).read_text()
    votes.vote(ada, recipes[0])
    making.make()
    assert (current() / making.SIGNERS).read_text() == signers
    assert key.read_bytes() not in b"".join(path.read_bytes() for path in current().iterdir())


def test_empty_catalogue_is_a_dump_too(db):
    assert making.make().recipes == 0
    assert (current() / making.SERIAL).read_text() == "0\n"
