"""A stand-in for Insightly's SCIM 2.0 user provisioning, for tests in Python.

    def test_a_leaver_is_deactivated(insightly):
        insightly.add_user(EMAIL_ADDRESS="ann@example.com", FIRST_NAME="Ann", LAST_NAME="Lee")
        offboard("ann@example.com", insightly.scim_url, insightly.scim_token)
        insightly.wait_for_user(user_name="ann@example.com", active=False)

`insightly` is a fixture that pytest finds by itself. Elsewhere `start()` starts a server and `connect()` finds one; in
asyncio so do those of `insightly_scim.aio`.
"""

from ._client import Insightly, InstanceClock, InstanceSettings
from ._server import __version__, connect, start
from .errors import ControlError, ExpectationError, InsightlyError, StartError, UnreachableError

__all__ = [
    "ControlError",
    "ExpectationError",
    "Insightly",
    "InsightlyError",
    "InstanceClock",
    "InstanceSettings",
    "StartError",
    "UnreachableError",
    "__version__",
    "connect",
    "start",
]
