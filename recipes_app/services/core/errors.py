"""What a service says when it will not do a thing for a reason other than permission."""

from __future__ import annotations


class Refused(Exception):
    """The request makes no sense as things stand; the text says what, where and what to do.

    `field` names the input that is wrong, for forms and problem bodies; it is empty where no single one is. `code` is stable.
    """

    def __init__(self, message: str, *, field: str = "", code: str = "refused") -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class TooOften(Refused):
    """Somebody did this too often (429); the text says how often one may. `wait`: so many seconds later it is possible again."""

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message, code="too-often")
        self.wait = wait
