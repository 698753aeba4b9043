"""What can go wrong between a test and the server. Each message is for the reader of a red log."""

from __future__ import annotations

from typing import Any

__all__ = ["ControlError", "ExpectationError", "InsightlyError", "StartError", "UnreachableError"]


class InsightlyError(Exception):
    """Anything that goes wrong here."""


def is_ours(failure: Any) -> bool:
    """Whether pytest leaves out the frames of this package: where one of these errors tells all."""
    return isinstance(failure.value, InsightlyError)


class StartError(InsightlyError):
    """The server did not start, or is of a version that does not fit."""


class UnreachableError(InsightlyError):
    """Nothing answers at the control URL."""


class ControlError(InsightlyError):
    """The control API refused; the message tells why."""

    status: int
    """The status of the answer."""
    body: Any
    """The body of the answer."""

    def __init__(self, message: str, status: int, body: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class ExpectationError(ControlError, AssertionError):
    """A request or a user that the test expects is not there; the message tells what is there instead."""
