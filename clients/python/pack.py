"""Makes the wheel, and with --sdist the source archive, both with the server in them.

    python clients/python/pack.py [--server FILE] [--out FOLDER] [--sdist]

The server is what `npm pack` makes, or the FILE that it made, with the packages that its bundle leaves out. Needs npm,
and for --sdist the package `build`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Path, help="what npm pack made; it is made unless given")
    parser.add_argument(
        "--out", type=Path, default=Path.cwd(), help="where the files go; the working folder unless given"
    )
    parser.add_argument("--sdist", action="store_true", help="make the source archive as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="insightly-scim-python-") as name:
        scratch = Path(name)
        project = copy_project(scratch / "project")
        install_server(options.server or pack_server(scratch), scratch / "npm", project / "src/insightly_scim/_bundle")
        out = str(options.out.resolve())
        run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out, "."], project)
        if options.sdist:
            run([sys.executable, "-m", "build", "--sdist", "--outdir", out, "."], project)


def copy_project(folder: Path) -> Path:
    """A copy to build in, so that nothing is left in the repository."""
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*", "pack.py", "test.sh"))
    shutil.copy(REPOSITORY / "LICENSE", folder)
    return folder


def pack_server(scratch: Path) -> Path:
    """The npm package, in a file."""
    packed = run(["npm", "pack", "--json", "--pack-destination", str(scratch)], REPOSITORY)
    return scratch / str(json.loads(packed)[0]["filename"])


def install_server(tarball: Path, npm: Path, target: Path) -> None:
    """The server's package, and in its node_modules those that its bundle does not hold."""
    npm.mkdir()
    (npm / "package.json").write_text('{ "private": true }')
    quiet = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--omit=dev", "--omit=peer"]
    run(["npm", "install", *quiet, str(tarball.resolve())], npm)
    modules = npm / "node_modules"
    server = modules / "insightly-scim"
    shutil.copytree(server, target)
    for package in sorted(find_needed(server)):
        place = target / "node_modules" / package.relative_to(modules)
        shutil.copytree(package, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    # Its sources, which nobody compiles: the binaries of all platforms lie in "prebuilds".
    for sources in ("deps", "src"):
        shutil.rmtree(target / "node_modules/better-sqlite3" / sources)


def find_needed(server: Path) -> set[Path]:
    """The folders of the packages that the server needs beside its bundle, which tells what it holds."""
    bundled = set(re.findall(r"^## (\S+) ", (server / "dist/bundle/LICENSES.md").read_text(), re.MULTILINE))
    needed: set[Path] = set()
    waiting = [(server, name) for name in dependencies_of(server) if name not in bundled]
    while waiting:
        folder, name = waiting.pop()
        package = find_package(folder, name)
        if package not in needed:
            needed.add(package)
            waiting += [(package, each) for each in dependencies_of(package)]
    return needed


def dependencies_of(package: Path) -> list[str]:
    return list(json.loads((package / "package.json").read_text()).get("dependencies", {}))


def find_package(folder: Path, name: str) -> Path:
    """The package that Node finds by a name from a folder."""
    places = (each / "node_modules" / name for each in (folder, *folder.parents))
    return next(place for place in places if place.is_dir())


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with status {done.returncode}\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
