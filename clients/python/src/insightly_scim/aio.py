"""The same for asyncio: every method of `Insightly`, awaited.

Each call waits in a thread of its own. The server is near and a test makes few calls, so that this costs less than a
second HTTP client would as a dependency, beside the one of the code under test.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from . import _server
from ._client import Insightly, InstanceClock, InstanceSettings
from .errors import is_ours

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .types import ServerSettings

__all__ = ["AsyncInsightly", "AsyncInstanceClock", "AsyncInstanceSettings", "connect", "start"]

__tracebackhide__ = is_ours

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


class _Awaited(Generic[S]):
    def __init__(self, sync: S) -> None:
        self._sync = sync


def _awaited(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[_Awaited[S], P], Coroutine[Any, Any, R]]:
    """A method that is called in a thread, with the same parameters."""

    @functools.wraps(method)
    async def call(self: _Awaited[S], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await _in_thread(lambda: method(self._sync, *args, **kwargs))

    return call


def _returning_awaited(method: Callable[P, Insightly]) -> Callable[P, AsyncInsightly]:
    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> AsyncInsightly:
        return AsyncInsightly(method(*args, **kwargs))

    return call


class AsyncInstanceClock(_Awaited[InstanceClock]):
    """`InstanceClock`, awaited."""

    get = _awaited(InstanceClock.get)
    freeze = _awaited(InstanceClock.freeze)
    set = _awaited(InstanceClock.set)
    advance = _awaited(InstanceClock.advance)
    reset = _awaited(InstanceClock.reset)


class AsyncInstanceSettings(_Awaited[InstanceSettings]):
    """`InstanceSettings`, awaited."""

    get = _awaited(InstanceSettings.get)
    change = _awaited(InstanceSettings.change)


class AsyncInsightly(_Awaited[Insightly]):
    """An `Insightly` whose methods are awaited; URLs, token and key are plain. It may be made of an `Insightly`."""

    clock: AsyncInstanceClock
    settings: AsyncInstanceSettings

    def __init__(self, sync: Insightly) -> None:
        super().__init__(sync)
        self.clock = AsyncInstanceClock(sync.clock)
        self.settings = AsyncInstanceSettings(sync.settings)

    users = _awaited(Insightly.users)
    user = _awaited(Insightly.user)
    add_user = _awaited(Insightly.add_user)
    edit_user = _awaited(Insightly.edit_user)
    wait_for_user = _awaited(Insightly.wait_for_user)
    requests = _awaited(Insightly.requests)
    wait_for_request = _awaited(Insightly.wait_for_request)
    verify = _awaited(Insightly.verify)
    clear_requests = _awaited(Insightly.clear_requests)
    set_faults = _awaited(Insightly.set_faults)
    faults = _awaited(Insightly.faults)
    regenerate_token = _awaited(Insightly.regenerate_token)
    export_state = _awaited(Insightly.export_state)
    import_state = _awaited(Insightly.import_state)
    reset = _awaited(Insightly.reset)
    create_instance = _awaited(_returning_awaited(Insightly.create_instance))
    close = _awaited(Insightly.close)

    @property
    def name(self) -> str:
        """The name of the instance."""
        return self._sync.name

    @property
    def instance_id(self) -> int:
        """Insightly's INSTANCE_ID."""
        return self._sync.instance_id

    @property
    def url(self) -> str:
        """The URL of the server."""
        return self._sync.url

    @property
    def scim_url(self) -> str:
        """The SCIM URL, for the code under test."""
        return self._sync.scim_url

    @property
    def scim_token(self) -> str:
        """The SCIM token as this object last learned it; empty before SCIM was ever enabled."""
        return self._sync.scim_token

    @property
    def api_url(self) -> str:
        """The URL of Insightly's REST API."""
        return self._sync.api_url

    @property
    def api_key(self) -> str:
        """The REST API's key: of the account owner, else of the first active user; empty when there is none."""
        return self._sync.api_key

    @property
    def control_url(self) -> str:
        """The URL of the control API."""
        return self._sync.control_url

    @property
    def admin_key(self) -> str:
        """The control API's key."""
        return self._sync.admin_key

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncInsightly {self.name!r} at {self.url}>"


async def start(*, patience: float = 30.0, **settings: Unpack[ServerSettings]) -> AsyncInsightly:
    """As `insightly_scim.start()`: `async with await aio.start() as insightly: …`."""
    return AsyncInsightly(await _in_thread(lambda: _server.start(patience=patience, **settings)))


async def connect(
    control_url: str | None = None, admin_key: str | None = None, instance: str = "default"
) -> AsyncInsightly:
    """As `insightly_scim.connect()`."""
    return AsyncInsightly(await _in_thread(lambda: _server.connect(control_url, admin_key, instance)))


async def _in_thread(call: Callable[[], R]) -> R:
    """Calls in a daemon thread, which keeps no program alive when nobody waits for it any more."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[R] = loop.create_future()

    def settle(result: R | None, error: BaseException | None) -> None:
        if future.done():
            _abandon(result)
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: R | None = None
        caught: BaseException | None = None
        try:
            result = call()
        except BaseException as error:
            caught = error
        try:
            loop.call_soon_threadsafe(settle, result, caught)
        except RuntimeError:  # The loop is closed.
            _abandon(result)

    threading.Thread(target=run, daemon=True).start()
    return await future


def _abandon(result: object) -> None:
    """Closes what was made for a task that was cancelled meanwhile."""
    made = result._sync if isinstance(result, AsyncInsightly) else result
    if isinstance(made, Insightly):
        threading.Thread(target=made.close, daemon=True).start()
