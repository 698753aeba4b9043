"""The command `insightly-scim`, for those who have Python and no Node: it becomes the server of this package."""

from __future__ import annotations

import os
import subprocess
import sys

from ._command import find_brought
from .errors import StartError


def main() -> None:
    """Runs the server's command line with the arguments of this one."""
    try:
        command = find_brought()
    except StartError as error:
        sys.exit(f"insightly-scim: {error}")
    if command is None:
        sys.exit("insightly-scim: this package was installed without its server; install its wheel.")
    arguments = [*command, *sys.argv[1:]]
    if os.name == "posix":
        # The process itself becomes the server, so that signals and the status need nobody to pass them on.
        os.execv(arguments[0], arguments)
    sys.exit(subprocess.run(arguments).returncode)


if __name__ == "__main__":
    main()
