"""What a test holds of one emulated Insightly account: where it is, and everything to know of it or do to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from ._control import Control, from_json, to_error, to_query, to_segment
from .errors import ExpectationError, is_ours

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .types import (
        Clock,
        Entry,
        Fault,
        FaultRule,
        InstanceOptions,
        RequestMatch,
        RequestQuery,
        Settings,
        SettingsChange,
        State,
        User,
        UserAddition,
        UserEdit,
        UserMatch,
    )

__tracebackhide__ = is_ours

DEFAULT_WAIT = 4.0
"""How long a wait lasts unless told, in seconds."""


class InstanceClock:
    """The time of an instance, which `created`, `lastModified`, rate limits and the journal obey."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def get(self) -> Clock:
        """How the clock goes and what time it is."""
        return cast("Clock", self._ask("GET", "/clock"))

    def freeze(self, now: datetime | str | None = None) -> None:
        """Stops the clock, at a time or where it is."""
        self._ask("PUT", "/clock", _without_none(mode="frozen", now=_to_time(now)))

    def set(self, now: datetime | str) -> None:
        """Lets it go on from a time."""
        self._ask("PUT", "/clock", {"mode": "offset", "now": _to_time(now)})

    def advance(self, by: timedelta | str) -> None:
        """Moves it, by a `timedelta` or a text such as `90s` or `PT1H`; a frozen clock stays frozen."""
        self._ask("POST", "/clock/advance", {"by": f"{_to_milliseconds(by)}ms" if isinstance(by, timedelta) else by})

    def reset(self) -> None:
        """Back to the real time."""
        self._ask("PUT", "/clock", {"mode": "real"})


class InstanceSettings:
    """What Insightly's SAML and SCIM page sets, and the stand-in's own settings."""

    def __init__(self, ask: Callable[..., Any], refresh: Callable[[], None]) -> None:
        self._ask = ask
        self._refresh = refresh

    def get(self) -> Settings:
        """All settings."""
        return cast("Settings", self._ask("GET", "/settings"))

    def change(self, **change: Unpack[SettingsChange]) -> Settings:
        """Changes some settings and gives all. SAML cannot be turned off alone: SCIM goes with it.

        Raises ControlError 409 when SCIM is to be enabled while SAML is off (A-03).
        """
        settings = self._ask("PATCH", "/settings", _to_members(change))
        self._refresh()
        return cast("Settings", settings)


class Insightly:
    """An instance of a running server, from `start()`, `connect()`, `create_instance()` or pytest's fixtures.

    It may be used by several threads at once. As a context manager it closes itself.
    """

    name: str
    """The name of the instance."""
    instance_id: int
    """Insightly's INSTANCE_ID."""
    clock: InstanceClock
    """The time of the instance."""
    settings: InstanceSettings
    """The settings of the instance."""

    def __init__(self, control: Control, description: dict[str, Any], close: Callable[[], None]) -> None:
        """For this package's own use; `close` is what closing does, and runs once."""
        self.name = description["name"]
        self.instance_id = description["instanceId"]
        self._control = control
        self._description = description
        self._close: Callable[[], None] | None = close
        self._closing = threading.Lock()
        self.clock = InstanceClock(self._ask)
        self.settings = InstanceSettings(self._ask, self._refresh)

    @property
    def url(self) -> str:
        """The URL of the server."""
        return self._control.server_url

    @property
    def scim_url(self) -> str:
        """The SCIM URL, for the code under test."""
        return cast("str", self._description["scimUrl"])

    @property
    def scim_token(self) -> str:
        """The SCIM token as this object last learned it; empty before SCIM was ever enabled."""
        return self._description["scimToken"] or ""

    @property
    def api_url(self) -> str:
        """The URL of Insightly's REST API."""
        return cast("str", self._description["apiUrl"])

    @property
    def api_key(self) -> str:
        """The REST API's key: of the account owner, else of the first active user; empty when there is none."""
        return self._description["apiKey"] or ""

    @property
    def control_url(self) -> str:
        """The URL of the control API."""
        return self._control.url

    @property
    def admin_key(self) -> str:
        """The control API's key."""
        return self._control.admin_key

    def users(self, **match: Unpack[UserMatch]) -> list[User]:
        """The users, ascending by USER_ID: all, or those that match."""
        return cast("list[User]", self._ask("GET", f"/users{to_query(_to_members(match))}"))

    def user(self, user_id: int | str) -> User:
        """One user by its USER_ID. Raises ControlError 404."""
        return cast("User", self._ask("GET", f"/users/{to_segment(user_id)}"))

    def add_user(self, **user: Unpack[UserAddition]) -> User:
        """Adds a user as an administrator does by hand. Raises ControlError 409 when the address is taken."""
        added = self._ask("POST", "/users", user)
        self._refresh()
        return cast("User", added)

    def edit_user(self, user_id: int | str, **edit: Unpack[UserEdit]) -> User:
        """Edits a user as an administrator does by hand, licences included."""
        edited = self._ask("PATCH", f"/users/{to_segment(user_id)}", edit)
        self._refresh()
        return cast("User", edited)

    def wait_for_user(self, *, timeout: float | timedelta = DEFAULT_WAIT, **match: Unpack[UserMatch]) -> User:
        """The first user that matches, now or before the timeout: seconds, or a `timedelta`; at most a minute.

        Raises ExpectationError, an AssertionError, that tells which users there are.
        """
        status, text = self._wait("/users", match, timeout)
        if status == 200:
            return cast("User", json.loads(text)[0])
        # What matched is nothing, by definition; what there is instead says more.
        users = self.users()
        lines = [f"{user['EMAIL_ADDRESS']}, {'active' if user['ACTIVE'] else 'inactive'}" for user in users]
        raise ExpectationError(_to_missing("user", match, timeout, lines), status, from_json(text))

    def requests(self, **query: Unpack[RequestQuery]) -> list[Entry]:
        """The SCIM and REST requests that were made, oldest first: all, or those that match."""
        return cast("list[Entry]", self._ask("GET", f"/requests{to_query(_to_members(query))}")["requests"])

    def wait_for_request(self, *, timeout: float | timedelta = DEFAULT_WAIT, **query: Unpack[RequestQuery]) -> Entry:
        """The first request that matches, now or before the timeout: seconds, or a `timedelta`; at most a minute.

        Raises ExpectationError, an AssertionError, that tells which requests were made.
        """
        status, text = self._wait("/requests", query, timeout)
        if status == 200:
            return cast("Entry", json.loads(text)["requests"][0])
        made = self.requests(since=query.get("since", 0))
        lines = [_to_line(entry) for entry in made]
        raise ExpectationError(_to_missing("request", query, timeout, lines), status, from_json(text))

    def verify(
        self,
        *,
        exactly: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **match: Unpack[RequestMatch],
    ) -> int:
        """Says how many requests match; at least one must, unless told otherwise.

        Raises ExpectationError, an AssertionError, with the nearest misses and why they missed.
        """
        times = _without_none(exactly=exactly, atLeast=at_least, atMost=at_most)
        body = {"match": _to_members(match), **({"times": times} if times else {})}
        status, text = self._send("POST", "/requests/verify", body)
        if status == 200:
            return cast("int", json.loads(text)["matched"])
        error = to_error(status, text)
        if status != 409:
            raise error
        misses = [f"\n  {_to_line(miss)}; missed, since {' and '.join(miss['why'])}" for miss in error.body["nearest"]]
        raise ExpectationError(f"{error}{''.join(misses)}", status, error.body)

    def clear_requests(self) -> None:
        """Forgets the requests that were made."""
        self._ask("DELETE", "/requests")

    def set_faults(self, rules: Sequence[FaultRule]) -> None:
        """Replaces the faults by these; `[]` ends them all."""
        self._ask("PUT", "/faults", list(rules))

    def faults(self) -> list[Fault]:
        """The faults, each with how often it fired."""
        return cast("list[Fault]", self._ask("GET", "/faults"))

    def regenerate_token(self) -> str:
        """Gives the instance a new SCIM token, which `scim_token` tells from then on; the old one is dead at once."""
        token = self._ask("POST", "/scim-token/regenerate")["scimToken"]
        self._description = {**self._description, "scimToken": token}
        return cast("str", token)

    def export_state(self) -> State:
        """Settings, behaviours and users as one document."""
        return cast("State", self._ask("GET", "/state"))

    def import_state(self, state: State) -> None:
        """Replaces settings, behaviours and users."""
        self._ask("PUT", "/state", state)
        self._refresh()

    def reset(self) -> None:
        """Back to the state the instance was created with; requests, faults and clock are cleared, the token stays."""
        self._ask("POST", "/reset")
        self._refresh()

    def create_instance(self, **options: Unpack[InstanceOptions]) -> Insightly:
        """Makes another instance on the same server, which shares nothing with this one; closing it deletes it.

        The name and the token are made up unless given; SAML and SCIM are on; the account owner is the only user.
        """
        description = self._control.ask("POST", "/instances", _to_members(options))

        def delete() -> None:
            status, text = self._control.send("DELETE", f"/instances/{description['name']}")
            if status >= 400 and status != 404:
                raise to_error(status, text)

        return Insightly(self._control, description, delete)

    def close(self) -> None:
        """Ends what this stands for: a server from `start()`, an instance from `create_instance()`; else nothing."""
        with self._closing:
            close, self._close = self._close, None
        if close:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Insightly {self.name!r} at {self.url}>"

    def _send(self, method: str, path: str, body: Any = None, waits: float = 0) -> tuple[int, str]:
        return self._control.send(method, f"/instances/{self.name}{path}", body, waits)

    def _wait(self, path: str, match: Mapping[str, Any], timeout: float | timedelta) -> tuple[int, str]:
        """The answer of a wait: 200, or 408 when nothing came."""
        seconds = _to_seconds(timeout)
        query = to_query({**_to_members(match), "wait": f"{round(seconds * 1000)}ms"})
        status, text = self._send("GET", f"{path}{query}", waits=seconds)
        if status not in (200, 408):
            raise to_error(status, text)
        return status, text

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._control.ask(method, f"/instances/{self.name}{path}", body)

    def _refresh(self) -> None:
        """Learns token, key and URLs anew, which may have changed with the settings or the users."""
        self._description = self._ask("GET", "")


def _to_members(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The members that arguments stand for. What is given as it is in JSON, such as a state, stays so."""
    return {_to_camel(name): value for name, value in arguments.items()}


def _without_none(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _to_camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _to_time(time: datetime | str | None) -> str | None:
    """ISO 8601 in UTC. A `datetime` without a zone is local time, as everywhere in Python."""
    if not isinstance(time, datetime):
        return time
    return time.astimezone().isoformat(timespec="milliseconds")


def _to_seconds(timeout: float | timedelta) -> float:
    return timeout.total_seconds() if isinstance(timeout, timedelta) else timeout


def _to_milliseconds(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)


def _to_missing(noun: str, match: Mapping[str, Any], timeout: float | timedelta, lines: list[str]) -> str:
    """Says what did not come, and what is there instead."""
    wanted = " and ".join(f"{name}={value!r}" for name, value in match.items()) or "anything"
    return f"No {noun} with {wanted} within {_to_seconds(timeout):g} s. {_to_list(noun, lines)}"


def _to_list(noun: str, lines: list[str]) -> str:
    """Says how many there are, and shows the last ten."""
    if not lines:
        return f"There is no {noun} at all."
    count = f"There is 1 {noun}" if len(lines) == 1 else f"There are {len(lines)} {noun}s"
    last = lines[-10:]
    heading = count if len(last) == len(lines) else f"{count}, the last {len(last)} being"
    return f"{heading}:" + "".join(f"\n  {line}" for line in last)


def _to_line(entry: Any) -> str:
    notes = [f"{note['text']} ({note['rule']})" if note["rule"] else note["text"] for note in entry["notes"]]
    request = f"{entry['method']} {entry['path']} {entry['status']} {entry['operation']}"
    return "; ".join(part for part in [request, entry["userName"], *notes] if part)
