#!/usr/bin/env bash
# The suite of this package, as clients/run.ts runs it: the wheel is built from the packed server and installed into a fresh
# environment, and its tests run on the server that INSIGHTLY_SCIM_COMMAND names.
set -euo pipefail
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
export PATH="$scratch/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
pip install --quiet --requirement tests/requirements.txt
python pack.py --server "$CLIENTS_TARBALL" --out "$scratch/dist" --sdist
pip install --quiet "$scratch"/dist/*.whl
CLIENTS_DIST="$scratch/dist" pytest -p no:cacheprovider --junitxml "$CLIENTS_REPORT/python.xml" tests "$@"
