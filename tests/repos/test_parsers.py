"""The small parsers of the git room: reflogs, pkt-lines, trees, bodies, kinds of blobs."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes_app.repos import pktline
from recipes_app.repos.blob_kinds import forbidden_kind, is_text
from recipes_app.repos.objects import ObjectError, TreeEntry, parse_tree
from recipes_app.repos.pre_receive import Refusal, report
from recipes_app.repos.push_rules import escape, refused, version_not_lower
from recipes_app.repos.reflog import PushRecord, read_reflogs
from recipes_app.transports.body import BodyRefused, RequestBody

ZERO, A, B, C = "0" * 40, "a" * 40, "b" * 40, "c" * 40


def log_line(old: str, new: str, second: int, username: str = "ada") -> str:
    return f"{old} {new} {username} <{username}@users.invalid> {second} +0000\tpush\n"


def read(tmp_path: Path, logs: dict[str, str], tips: dict[str, str]) -> list[PushRecord]:
    for branch, text in logs.items():
        path = tmp_path / "logs/refs/heads" / branch
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_reflogs(tmp_path, tips)


def test_reflog_tells_who_pushed_what_and_when(tmp_path: Path) -> None:
    records = read(tmp_path, {"main": log_line(ZERO, A, 1_700_000_000, "bob.b")}, {"main": A})
    assert records == [PushRecord("main", ZERO, A, "bob.b", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC))]


def test_reflogs_of_branches_are_merged_by_time(tmp_path: Path) -> None:
    logs = {"main": log_line(ZERO, A, 10) + log_line(A, C, 30), "debian/sid": log_line(ZERO, B, 20)}
    assert [record.new for record in read(tmp_path, logs, {"main": C, "debian/sid": B})] == [A, B, C]


def test_push_that_git_logged_and_did_not_finish_does_not_count(tmp_path: Path) -> None:
    logs = {"main": log_line(ZERO, A, 10) + log_line(A, B, 20) + log_line(A, C, 30)}
    assert [record.new for record in read(tmp_path, logs, {"main": C})] == [A, C]


def test_last_line_counts_only_where_the_branch_stands_at_it(tmp_path: Path) -> None:
    logs = {"main": log_line(ZERO, A, 10) + log_line(A, B, 20)}
    assert [record.new for record in read(tmp_path, logs, {"main": A})] == [A]


@pytest.mark.parametrize("rubbish", ["\n", "torn line", f"{A} {B} x <x@elsewhere.org> 5 +0000\tmerge\n", "\0\n"])
def test_lines_that_no_push_wrote_are_passed_over(tmp_path: Path, rubbish: str) -> None:
    assert [record.new for record in read(tmp_path, {"main": log_line(ZERO, A, 10) + rubbish}, {"main": A})] == [A]


def test_tree_object_is_parsed() -> None:
    content = b"100644 a b\0" + b"\1" * 20 + b"40000 d\0" + b"\2" * 20
    assert list(parse_tree(content)) == [TreeEntry(0o100644, b"a b", "01" * 20), TreeEntry(0o40000, b"d", "02" * 20)]


@pytest.mark.parametrize("content", [b"100644 a", b"100644 a\0short", b"x a\0" + b"1" * 20, b" a\0" + b"1" * 20])
def test_damaged_tree_object_is_named(content: bytes) -> None:
    with pytest.raises(ObjectError, match="a tree object is damaged"):
        list(parse_tree(content))


@given(st.binary(max_size=200))
def test_no_tree_object_makes_the_parser_raise_anything_else(content: bytes) -> None:
    try:
        entries = list(parse_tree(content))
    except ObjectError:
        return
    assert all(len(entry.oid) == 40 for entry in entries)


def test_packets_come_back_as_they_went() -> None:
    stream = io.BytesIO(pktline.packet(b"one") + pktline.FLUSH + pktline.packet(b""))
    assert list(pktline.read_packets(stream)) == [b"one", None, b""]


@pytest.mark.parametrize("stream", [b"zzzz", b"0009abc", b"0003", b"ffff" + b"x" * 70_000])
def test_stream_that_is_no_packets_is_refused(stream: bytes) -> None:
    with pytest.raises(pktline.FramingError):
        list(pktline.read_packets(io.BytesIO(stream)))


def test_report_is_turned_into_a_refusal() -> None:
    report_ = pktline.packet(b"unpack ok\n") + pktline.packet(b"ok refs/heads/main\n") + pktline.FLUSH
    turned = pktline.refuse_report(report_, "came too late")
    assert pktline.accepted_references(report_) == ["refs/heads/main"]
    assert pktline.accepted_references(turned) == []
    assert list(pktline.read_packets(io.BytesIO(turned))) == [b"unpack ok\n", b"ng refs/heads/main came too late\n", None]


def environ(body: bytes, **extra: Any) -> dict[str, Any]:
    return {"wsgi.input": io.BytesIO(body), **extra}


def test_body_ends_at_its_length() -> None:
    assert b"".join(RequestBody(environ(b"0123456789", CONTENT_LENGTH="4"), 100)) == b"0123"


def test_body_without_length_is_read_where_the_server_ends_it() -> None:
    assert b"".join(RequestBody(environ(b"0123", **{"wsgi.input_terminated": True}), 100)) == b"0123"


def test_body_without_length_is_empty_where_nobody_ends_it() -> None:
    assert b"".join(RequestBody(environ(b"0123"), 100)) == b""


@given(st.binary(max_size=300_000))
def test_gzipped_body_is_unfolded(content: bytes) -> None:
    packed = gzip.compress(content)
    body = RequestBody(environ(packed, CONTENT_LENGTH=str(len(packed)), HTTP_CONTENT_ENCODING="gzip"), 1_000_000)
    assert b"".join(body) == content


def test_body_stops_at_its_limit() -> None:
    packed = gzip.compress(b"\0" * 10_000_000)
    body = RequestBody(environ(packed, CONTENT_LENGTH=str(len(packed)), HTTP_CONTENT_ENCODING="gzip"), 1_000_000)
    assert sum(map(len, body)) <= 1_000_000


def test_unknown_encoding_is_refused() -> None:
    with pytest.raises(BodyRefused, match="send gzip or none"):
        RequestBody(environ(b"", HTTP_CONTENT_ENCODING="br"), 100)


@pytest.mark.parametrize(
    "content",
    [
        b"#!/usr/bin/make -f\n%:\n\tdh $@\n",
        "Größe, 大きさ\n".encode(),
        "Größe\n".encode("latin-1"),
        b"MZ is how this sentence begins.\n",
        b"BZh\n",
        b"--- a/data\n+++ b/data\n@@ -1 +1 @@\n-a\n+b\0\1\2\3\n" + b" line of context\n" * 5,
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"\0\0\x01\0\x01\0" + bytes(300),
        b"\x99\x02\x0d\x04" + bytes(range(256)),
        b"\xde\x12\x04\x95" + bytes(100),
        b"",
    ],
)
def test_what_packaging_holds_passes(content: bytes) -> None:
    assert forbidden_kind(content) is None


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"MZ\x90\0\x03\0\0\0" * 4, "Windows"),
        (b"BZh91AY&SY" + bytes(range(256)), "bzip2"),
        (b"x" * 257 + b"ustar\x0000", "tar"),
        (b"\x80\x04\x95\x0a\0\0\0\0\0\0\0\x8c\x06foobar\x94.", "pickle"),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "HDF5"),
        ("utf-16 text".encode("utf-16"), "binary data"),
        (b"%PDF-1.4\n", "PDF"),
    ],
)
def test_what_packaging_does_not_need_is_named(content: bytes, word: str) -> None:
    assert word in (forbidden_kind(content) or "")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=500))
def test_printable_text_is_text(text: str) -> None:
    assert is_text(text.encode())


@pytest.mark.parametrize(("old", "new"), [("1.0-1", "1.0~rc1-1"), ("1:1.0-1", "2.0-1"), ("1.0-10", "1.0-9")])
def test_version_order_is_debians(old: str, new: str) -> None:
    assert [finding.id for finding in version_not_lower("main", old, new)] == ["push-version-lower"]
    assert not list(version_not_lower("main", new, old))


@pytest.mark.parametrize(("old", "new"), [("1.0-1", "1.0-1"), ("0:1.0-1", "1.0-1")])
def test_a_version_that_stands_still_is_refused_on_main_with_the_command_that_mends_it(old: str, new: str) -> None:
    (finding,) = version_not_lower("main", old, new)
    assert (finding.id, finding.remedy.split(":")[0]) == ("push-version-same", "add an entry")
    assert "dch -i" in finding.remedy
    assert not list(version_not_lower("debian/bookworm", old, new))


def test_report_names_branch_and_commit_and_escapes() -> None:
    refusal = Refusal(refused("x", "a\x1b", "is\nbad"), "debian/sid", A)
    assert next(iter(report([refusal]))) == rf"error: debian/sid: {'a' * 12}: a\x1b: is\nbad"


def test_same_finding_is_shown_once() -> None:
    assert len(list(report([Refusal(refused("x", "a", "is bad"))] * 3))) == 2


@given(st.text())
def test_nothing_escaped_can_move_a_terminal(text: str) -> None:
    assert escape(text).isprintable()
