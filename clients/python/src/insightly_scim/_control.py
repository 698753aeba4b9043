"""How requests travel to the control API: one connection each, so that threads do not wait for each other."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .errors import ControlError, StartError, UnreachableError, is_ours

__tracebackhide__ = is_ours

DEFAULT_PATIENCE = 60.0
"""How long a connection waits for an answer, in seconds, beyond what the answer itself is asked to wait."""


class Control:
    """The control API of one server."""

    def __init__(self, url: str, admin_key: str, certificate: str | None = None) -> None:
        """`certificate` is a file that is trusted beside those that the system trusts."""
        self.url: str = url.rstrip("/")
        self.admin_key: str = admin_key
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise StartError(f"The control URL is {url!r}; expected one such as http://127.0.0.1:8080/_emulator.")
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._trust = ssl.create_default_context() if parts.scheme == "https" else None
        if self._trust and certificate:
            self._trust.load_verify_locations(certificate)

    @property
    def server_url(self) -> str:
        """The URL of the server."""
        return self.url.removesuffix("/_emulator")

    def send(self, method: str, path: str, body: Any = None, waits: float = 0) -> tuple[int, str]:
        """Sends a request; `waits` is how many seconds the server may take for it by intention.

        Raises UnreachableError when nothing answers.
        """
        headers = {"Authorization": f"Bearer {self.admin_key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        connection = self._connect(DEFAULT_PATIENCE + waits)
        try:
            connection.request(method, self._path + path, data, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(f"Nothing answers at {self.url} ({reason}). Is the server still running?") from None
        finally:
            connection.close()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self._trust:
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._trust)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Sends a request and gives the answer's JSON. Raises ControlError when it is refused."""
        status, text = self.send(method, path, body)
        if status >= 400:
            raise to_error(status, text)
        return json.loads(text) if text else None


def to_error(status: int, text: str) -> ControlError:
    """The refusal, with what its problem body says in words."""
    body = from_json(text)
    detail = body.get("detail") if isinstance(body, dict) else None
    return ControlError(detail or f"The control API answered {status}: {text[:200]}", status, body)


def from_json(text: str) -> Any:
    """The value of a text that may be no JSON; then the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def to_query(members: Mapping[str, Any]) -> str:
    """The query of a URL."""
    return f"?{urlencode({name: to_word(value) for name, value in members.items()})}" if members else ""


def to_word(value: Any) -> str:
    """A value as the control API writes it in a URL."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_segment(value: int | str) -> str:
    """A value as a part of a path."""
    return quote(str(value), safe="")
