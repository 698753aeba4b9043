"""Fixtures for pytest: one server for the run, a fresh instance for each test.

It stands beside the package, whose import takes longer than the rest of a short run and waits until a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from insightly_scim import Insightly
    from insightly_scim.aio import AsyncInsightly

_MARK = "insightly"


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known."""
    config.addinivalue_line(
        "markers",
        f"{_MARK}(**options): what the instance of the test is made with, as Insightly.create_instance() takes it: "
        "state, profile, behaviours, saml_enabled, scim_enabled, name, scim_token.",
    )


@pytest.fixture(scope="session")
def insightly_server() -> Iterator[Insightly]:
    """The default instance of the run's server: the one that the environment tells of, or one that is started.

    INSIGHTLY_SCIM_CONTROL_URL and INSIGHTLY_SCIM_ADMIN_KEY tell of one, as `insightly-scim exec` sets them.
    """
    from insightly_scim import InsightlyError, connect, start
    from insightly_scim._server import is_told

    try:
        server = connect() if is_told() else start()
    except InsightlyError as error:
        problem = str(error)
    else:
        with server:
            yield server
        return
    pytest.fail(problem, pytrace=False)


@pytest.fixture
def insightly(insightly_server: Insightly, request: pytest.FixtureRequest) -> Iterator[Insightly]:
    """An instance that only this test uses; it is gone when the test ends.

    What it is made with is said by a mark, on the test, its class or its module:
    `@pytest.mark.insightly(state={"users": […]}, profile="rfc7644")`.
    """
    from insightly_scim import InsightlyError

    options: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers(_MARK))):
        options.update(mark.kwargs)
    try:
        instance = insightly_server.create_instance(**options)
    except InsightlyError as error:
        problem = str(error)
    else:
        with instance:
            yield instance
        return
    pytest.fail(f"There is no instance for this test: {problem}", pytrace=False)


@pytest.fixture
def async_insightly(insightly: Insightly) -> AsyncInsightly:
    """The instance of the fixture `insightly`, with methods to await; for whichever plugin runs asyncio's tests."""
    from insightly_scim.aio import AsyncInsightly

    return AsyncInsightly(insightly)
