"""What the tests of this package share."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insightly_scim import Insightly
from insightly_scim.aio import AsyncInsightly

pytest_plugins = ["pytester"]

ANN: Any = {"EMAIL_ADDRESS": "ann@example.com", "FIRST_NAME": "Ann", "LAST_NAME": "Lee"}
SERVER = os.environ["INSIGHTLY_SCIM_COMMAND"]
"""The server of these tests, which some of them hide."""
BOB: Any = {"userName": "bob@example.com", "name": {"givenName": "Bob", "familyName": "Ray"}}


def send(method: str, url: str, authorization: str, body: object = None) -> tuple[int, Any]:
    """A request of an identity provider, or of a program that reads Insightly: the status and the answer's JSON."""
    headers = {"Authorization": authorization, "Content-Type": "application/scim+json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or "null")


def scim(insightly: Any, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """A SCIM request to an instance."""
    return send(method, insightly.scim_url + path, f"Bearer {insightly.scim_token}", body)


class Blocking:
    """An AsyncInsightly for tests that do not await: each call is run to its end."""

    def __init__(self, awaited: Any) -> None:
        self._awaited = awaited

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._awaited, name)
        if inspect.iscoroutinefunction(value):
            return functools.partial(_run, value)
        return Blocking(value) if name in ("clock", "settings") else value


def _run(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    result = asyncio.run(call(*args, **kwargs))
    return Blocking(result) if isinstance(result, AsyncInsightly) else result


@pytest.fixture(params=["sync", "async"])
def handle(request: pytest.FixtureRequest, insightly: Insightly) -> Any:
    """An instance by way of either class: every promise holds for both."""
    return insightly if request.param == "sync" else Blocking(AsyncInsightly(insightly))


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Writes a program and gives a command that runs it; it stands for a server that is not as it should be."""

    def write(text: str) -> str:
        path = tmp_path / "server.py"
        path.write_text(f"import json, os, pathlib, sys\n{text}\n")
        return f"{sys.executable} {path}"

    return write


@pytest.fixture
def server_link(tmp_path: Path) -> Path:
    """The server of these tests, in a node_modules/.bin."""
    folder = tmp_path / "npm/node_modules/.bin"
    folder.mkdir(parents=True)
    link = folder / "insightly-scim"
    link.symlink_to(SERVER)
    return link


@pytest.fixture
def path_without_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH on which there is Node, and no insightly-scim: this package's own command is one."""
    folders = os.environ["PATH"].split(os.pathsep)
    kept = [folder for folder in folders if not Path(folder, "insightly-scim").exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(kept))


@pytest.fixture(scope="session")
def certificate() -> tuple[str, str]:
    """A certificate for localhost, and its key: those of the server's own tests."""
    folder = Path(__file__).resolve().parents[3] / "test/doors"
    return str(folder / "localhost-cert.pem"), str(folder / "localhost-key.pem")
