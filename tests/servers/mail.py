"""A mail server for tests that speaks SMTP on loopback (RFC 5321) and keeps what it takes."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest


class _Conversation(socketserver.StreamRequestHandler):
    """One client: every command is answered, DATA by `server.answer`, which decides what happens to the mail."""

    server: MailServer

    def handle(self) -> None:
        """Talk until the client quits or is gone."""
        self._say("220 test")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self._take_mail()
            elif command == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say(self.server.recipient_answer if command == b"RCPT" else "250 fine")

    def _take_mail(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.taken.append(message_from_bytes(b"".join(lines)))
        self._say("250 taken")

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail on `port`; `taken` are the messages, `recipient_answer` is what RCPT is answered with."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.port = int(self.server_address[1])
        self.taken: list[Message] = []
        self.recipient_answer = "250 fine"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server of the test's own."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
