"""The plugin as pytest's users meet it: each test runs pytest on a small file of theirs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from conftest import ANN

from insightly_scim import ControlError, Insightly, connect

KEPT = f"""
    import json, pathlib
    from insightly_scim import ExpectationError

    ANN = {ANN!r}

    def keep(insightly):
        line = json.dumps([insightly.control_url, insightly.admin_key, insightly.name])
        with pathlib.Path("kept").open("a") as file:
            file.write(line + "\\n")
"""


def read_kept(pytester: pytest.Pytester) -> list[list[str]]:
    return [json.loads(line) for line in (pytester.path / "kept").read_text().splitlines()]


def test_k34_gives_each_test_an_instance_of_its_own_on_one_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        KEPT
        + """
    def test_one(insightly):
        keep(insightly)
        insightly.add_user(**ANN)

    def test_two(insightly):
        keep(insightly)
        assert insightly.users(user_name="ann@example.com") == []
        assert insightly.requests() == []

    async def work(insightly):
        await insightly.add_user(**ANN)
        return await insightly.users(user_name="ann@example.com")

    def test_three(insightly, async_insightly):
        import asyncio
        keep(insightly)
        assert asyncio.run(work(async_insightly)) == insightly.users(user_name="ann@example.com")
    """
    )
    # Nothing is left open, which Python would warn of.
    pytester.runpytest_subprocess("-W", "error").assert_outcomes(passed=3)
    kept = read_kept(pytester)
    assert len({url for url, _, _ in kept}) == 1
    assert len({name for _, _, name in kept}) == 3


def test_k34_an_instance_is_gone_when_its_test_ends_however_it_ends(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        KEPT
        + """
    import pytest

    def test_one(insightly):
        keep(insightly)
        raise SystemError("it broke")

    def test_two(insightly_server):
        assert insightly_server.name == "default"
        [[_, _, name]] = [json.loads(line) for line in pathlib.Path("kept").read_text().splitlines()]
        from insightly_scim import ControlError, connect
        with pytest.raises(ControlError, match="There is no instance named"):
            connect(insightly_server.control_url, insightly_server.admin_key, name)
    """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1, failed=1)


def test_k34_workers_of_xdist_have_a_server_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        KEPT
        + """
    import pytest

    @pytest.mark.parametrize("turn", range(6))
    def test_many(insightly, turn):
        keep(insightly)
    """
    )
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=6)
    assert len({url for url, _, _ in read_kept(pytester)}) <= 2


def test_k35_a_test_says_what_its_instance_is_made_with(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        KEPT
        + """
    import pytest

    pytestmark = pytest.mark.insightly(state={"users": [ANN]}, profile="rfc7644")

    def test_of_the_module(insightly):
        assert [user["FIRST_NAME"] for user in insightly.users()] == ["Ann"]
        assert insightly.settings.get()["behaviours"]["delete"] == "remove"

    @pytest.mark.insightly(profile="insightly", scim_enabled=False)
    def test_of_its_own(insightly):
        assert [user["FIRST_NAME"] for user in insightly.users()] == ["Ann"]
        assert insightly.settings.get()["behaviours"]["delete"] == "deactivate"
        assert insightly.scim_token == ""
    """
    )
    pytester.runpytest_subprocess("--strict-markers").assert_outcomes(passed=2)


def test_k35_a_test_is_told_which_option_of_its_instance_is_wrong(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.insightly(stat={"users": []})
        def test_one(insightly): pass
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["There is no instance for this test: stat: is not known; did you mean state."])
    assert "Traceback" not in result.stdout.str()
    assert "_client.py" not in result.stdout.str()


def test_k24_uses_the_server_that_exec_started(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os

        def test_one(insightly_server, insightly):
            assert insightly_server.control_url == os.environ["INSIGHTLY_SCIM_CONTROL_URL"]
            assert insightly_server.scim_token == os.environ["INSIGHTLY_SCIM_TOKEN"]
            assert insightly.name != "default"
        """
    )
    command = [os.environ["INSIGHTLY_SCIM_COMMAND"], "exec", "--", sys.executable, "-m", "pytest", "-q"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_k24_starts_and_ends_no_server_where_one_is_told(
    pytester: pytest.Pytester, insightly_server: Insightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_CONTROL_URL", insightly_server.control_url)
    monkeypatch.setenv("INSIGHTLY_SCIM_ADMIN_KEY", insightly_server.admin_key)
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", "/nowhere/insightly-scim")
    pytester.makepyfile(KEPT + "\n    def test_one(insightly):\n        keep(insightly)\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    [[url, key, name]] = read_kept(pytester)
    assert connect(url, key).name == "default"
    with pytest.raises(ControlError, match="There is no instance named"):
        connect(url, key, name)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("insightly.verify(operation='delete')", "E * GET /scim/v2/Users 200 *; missed, since*"),
        ("insightly.user(99)", "E *ControlError: *99*"),
        ("asyncio.run(async_insightly.wait_for_user(active=False, timeout=0.01))", "E *There is 1 user:*"),
    ],
)
def test_k10_a_failing_test_shows_its_own_line_and_the_message_alone(
    pytester: pytest.Pytester, call: str, words: str
) -> None:
    pytester.makepyfile(
        f"""
        import asyncio, urllib.request

        def test_one(insightly, async_insightly):
            headers = {{"Authorization": f"Bearer {{insightly.scim_token}}"}}
            urllib.request.urlopen(urllib.request.Request(f"{{insightly.scim_url}}/Users", headers=headers))
            {call}
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f">*{call[:20]}*", words])
    assert not [line for line in result.outlines if "insightly_scim/" in line or "_client.py" in line]


def test_k28_a_run_without_a_server_says_so_in_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", "/nowhere/insightly-scim")
    pytester.makepyfile("def test_one(insightly): pass\ndef test_two(insightly): pass\ndef test_three(): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["The server did not start: /nowhere/insightly-scim cannot be run (*).", "*"])
    assert "Traceback" not in result.stdout.str()


def test_a_run_that_asks_for_nothing_starts_nothing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTLY_SCIM_COMMAND", "/nowhere/insightly-scim")
    pytester.makepyfile(
        """
        import sys

        def test_one():
            assert "pytest_insightly_scim" in sys.modules
            assert "insightly_scim" not in sys.modules
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
