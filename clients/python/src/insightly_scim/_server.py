"""How a server is found or started. One that is started ends with this process, however this ends."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version as version_of
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ._client import Insightly
from ._command import find_command
from ._control import Control, to_segment
from .errors import ControlError, StartError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .types import ServerSettings

__version__ = version_of("insightly-scim")

URL_VARIABLE = "INSIGHTLY_SCIM_CONTROL_URL"
KEY_VARIABLE = "INSIGHTLY_SCIM_ADMIN_KEY"

_APART: dict[str, Any] = (
    {"start_new_session": True} if os.name == "posix" else {"creationflags": 0x0000_0200}  # CREATE_NEW_PROCESS_GROUP
)
"""How a program is started that signals of our terminal do not reach."""

_SAID_AT_MOST = 20
"""How many lines of a server's last words are kept."""


def start(*, patience: float = 30.0, **settings: Unpack[ServerSettings]) -> Insightly:
    """Starts a server, in memory and on a free port unless told otherwise, and gives its default instance.

    The settings are those of the command line; of the environment only INSIGHTLY_SCIM_COMMAND is heeded, which names
    the program to start. `patience` is how many seconds it may take. The server ends when the instance is closed, or
    with this process. Raises StartError with the server's own words.
    """
    command = find_command()
    with _in_files(settings) as given:
        server = _Process(command, {"port": 0, "log_level": "error", **given})
        ready = server.read_ready(patience)
    try:
        _check_version(ready.get("version"), ready["url"])
        control = Control(ready["controlUrl"], ready["adminKey"], settings.get("tls_cert"))
        return Insightly(control, control.ask("GET", "/instances/default"), server.stop)
    except BaseException:
        server.stop()
        raise


def connect(control_url: str | None = None, admin_key: str | None = None, instance: str = "default") -> Insightly:
    """Finds an instance of a server that runs elsewhere: another process, a container.

    Unless given, URL and key are those of the environment: INSIGHTLY_SCIM_CONTROL_URL and INSIGHTLY_SCIM_ADMIN_KEY,
    which `insightly-scim exec` sets. Closing the instance ends nothing. Raises UnreachableError when nothing answers,
    StartError for a version that does not fit, ControlError 401 for a wrong key and 404 for an unknown instance.
    """
    url = control_url or os.environ.get(URL_VARIABLE)
    key = admin_key or os.environ.get(KEY_VARIABLE)
    if not url or not key:
        missing = URL_VARIABLE if not url else KEY_VARIABLE
        raise StartError(
            f"To use a server that runs already, set {missing} as well: "
            f"{URL_VARIABLE} and {KEY_VARIABLE} go together, and the server's ready message tells both."
        )
    control = Control(url, key)
    try:
        _check_version(control.ask("GET", "")["version"], url)
    except ControlError as error:
        if error.status != 401:
            raise
        raise ControlError(
            f"The server at {url} refuses the admin key; give the one of its ready message, or set {KEY_VARIABLE}.",
            error.status,
            error.body,
        ) from None
    return Insightly(control, control.ask("GET", f"/instances/{to_segment(instance)}"), lambda: None)


def is_told() -> bool:
    """Whether the environment tells of a server that runs already."""
    return bool(os.environ.get(URL_VARIABLE) or os.environ.get(KEY_VARIABLE))


class _Process:
    """A server of ours."""

    def __init__(self, command: list[str], settings: Mapping[str, object]) -> None:
        self._command = command
        arguments = [*command, "serve", "--format", "json", "--exit-with-stdin"]
        try:
            self._process = subprocess.Popen(
                arguments,
                env=_to_environment(settings),
                # What is typed at a terminal ends the tests, which may still ask the server for something then.
                **_APART,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise StartError(f"The server did not start: {command[0]} cannot be run ({error.strerror}).") from None
        self._said: deque[str] = deque(maxlen=_SAID_AT_MOST)
        self._is_ready = False
        self._first_line: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=read, args=(stream,), daemon=True)
            for read, stream in ((self._read_stdout, self._process.stdout), (self._read_stderr, self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def read_ready(self, patience: float) -> dict[str, Any]:
        """The ready message. Stops the server and raises StartError when there is none."""
        try:
            line = self._first_line.get(timeout=patience)
            ready = json.loads(line)
            self._is_ready = bool(ready["ready"])
            return dict(ready)
        except queue.Empty:
            problem = f"it said nothing for {patience:g} s"
        except (ValueError, KeyError, TypeError):
            problem = f"it said {line.strip()!r} instead of that it is ready" if line else "it ended"
        except BaseException:
            self.stop()
            raise
        # Its pipes end with it, so that its last words have been read then.
        self.stop()
        status = f", with status {self._process.returncode}" if problem == "it ended" else ""
        words = " ".join(line.removeprefix("insightly-scim: ") for line in self._said)
        raise StartError(f"The server did not start: {words or problem + status} ({self._command[-1]})")

    def stop(self) -> None:
        """Lets the server close its databases; kills it where that takes longer than it should."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(timeout=2)

    def _read_stdout(self, stream: IO[str]) -> None:
        with stream:
            self._first_line.put(stream.readline())
            for _ in stream:
                pass

    def _read_stderr(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                if self._is_ready:
                    sys.stderr.write(line)
                elif line.strip() and not line.lstrip().startswith("at "):  # A stack trace helps nobody here.
                    self._said.append(line.strip())


def _to_environment(settings: Mapping[str, object]) -> dict[str, str]:
    """The environment of a server: settings go there, since every user of a machine can read a command line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INSIGHTLY_SCIM_")}
    told = {
        f"INSIGHTLY_SCIM_{name.removeprefix('scim_').upper()}": str(value)
        for name, value in settings.items()
        if value is not None
    }
    return {**kept, **told}


@contextmanager
def _in_files(settings: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """A seed or profile that is given as it is, in a file that the server reads before it is ready."""
    documents = {name: settings[name] for name in ("seed", "profile") if isinstance(settings.get(name), Mapping)}
    with tempfile.TemporaryDirectory(prefix="insightly-scim-") as folder:
        files = {name: Path(folder, f"{name}.json") for name in documents}
        for name, document in documents.items():
            files[name].write_text(json.dumps(document), encoding="utf-8")
        yield {**settings, **files}


def _check_version(found: object, url: str) -> None:
    """Raises StartError when a server's version does not fit: another major number, before 1.0 another minor number."""
    if not isinstance(found, str) or _to_line(found) != _to_line(__version__):
        raise StartError(
            f"The server at {url} is insightly-scim {found}, which does not fit this package, {__version__}; "
            "install the same version of both."
        )


def _to_line(version: str) -> list[str]:
    major, minor, *_ = [*version.split("."), ""]
    return [major, minor] if major == "0" else [major]
