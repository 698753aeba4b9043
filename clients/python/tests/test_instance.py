"""An instance, sync and async: what a test learns of it and does to it."""

from __future__ import annotations

import base64
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import ANN, BOB, scim, send

from insightly_scim import ControlError, ExpectationError, connect


@pytest.fixture
def with_ann(handle: Any) -> Any:
    """An instance with one user beside the owner, whom nobody added to its journal."""
    handle.add_user(**ANN)
    return handle


def names(users: list[Any]) -> list[str]:
    return [user["EMAIL_ADDRESS"] for user in users]


def deactivate(insightly: Any, user_name: str) -> None:
    [user] = insightly.users(user_name=user_name)
    assert scim(insightly, "DELETE", f"/Users/{user['USER_ID']}")[0] == 204


def test_k01_tells_urls_and_secrets_that_work(handle: Any) -> None:
    assert scim(handle, "GET", "/Users")[0] == 200
    basic = base64.b64encode(f"{handle.api_key}:".encode()).decode()
    assert send("GET", f"{handle.api_url}/Users/Me", f"Basic {basic}")[0] == 200
    assert send("GET", handle.control_url, f"Bearer {handle.admin_key}")[0] == 200
    assert handle.control_url == f"{handle.url}/_emulator"


def test_k02_adds_and_reads_users(handle: Any) -> None:
    ann = handle.add_user(**ANN)
    assert (ann["FIRST_NAME"], ann["ACTIVE"]) == ("Ann", True)
    assert names(handle.users())[-1] == "ann@example.com"
    assert names(handle.users(user_name="ANN@example.com")) == ["ann@example.com"]
    assert handle.users(user_name="ann@example.com", active=False) == []
    assert handle.user(ann["USER_ID"]) == ann


def test_k03_edits_a_user(with_ann: Any) -> None:
    [ann] = with_ann.users(user_name="ann@example.com")
    edited = with_ann.edit_user(ann["USER_ID"], LICENSES=["CRM"], ACTIVE=False)
    assert (edited["LICENSES"], edited["ACTIVE"], edited["FIRST_NAME"]) == (["CRM"], False, "Ann")


def test_k04_waits_for_a_user_that_a_client_is_about_to_change(with_ann: Any) -> None:
    timer = threading.Timer(0.2, deactivate, (with_ann, "ann@example.com"))
    timer.start()
    ann = with_ann.wait_for_user(user_name="ann@example.com", active=False)
    timer.join()
    assert ann["ACTIVE"] is False


def test_k05_tells_which_users_there_are_when_the_awaited_one_does_not_come(insightly: Any) -> None:
    [owner] = names(insightly.users())
    insightly.add_user(**ANN)
    with pytest.raises(ExpectationError) as failure:
        insightly.wait_for_user(user_name="ann@example.com", active=False, timeout=0.02)
    assert str(failure.value) == (
        "No user with user_name='ann@example.com' and active=False within 0.02 s. There are 2 users:\n"
        f"  {owner}, active\n  ann@example.com, active"
    )
    assert failure.value.status == 408


def test_k05_shows_the_last_ten_of_many_users(insightly: Any) -> None:
    for number in range(12):
        insightly.add_user(EMAIL_ADDRESS=f"u{number}@example.com", FIRST_NAME="U", LAST_NAME="Ser")
    with pytest.raises(ExpectationError, match="There are 13 users, the last 10 being:\n  u2@example.com, active"):
        insightly.wait_for_user(active=False, timeout=0.01)


def test_k06_lists_and_clears_requests(handle: Any) -> None:
    scim(handle, "GET", "/Users")
    scim(handle, "POST", "/Users", BOB)
    first, second = handle.requests()
    assert (first["method"], second["method"]) == ("GET", "POST")
    [created] = handle.requests(operation="create", status=201, path="/scim/v2/Users", method="post")
    assert created["userName"] == "bob@example.com"
    assert handle.requests(since=first["id"]) == [second]
    assert handle.requests(limit=1) == [first]
    assert handle.requests(q="status:201 bob") == [second]
    handle.clear_requests()
    assert handle.requests() == []


def test_k07_waits_for_a_request(handle: Any) -> None:
    timer = threading.Timer(0.2, scim, (handle, "POST", "/Users", BOB))
    timer.start()
    assert handle.wait_for_request(operation="create")["userName"] == "bob@example.com"
    timer.join()


def test_k08_tells_which_requests_were_made_when_the_awaited_one_does_not_come(handle: Any) -> None:
    scim(handle, "POST", "/Users", BOB)
    with pytest.raises(AssertionError) as failure:
        handle.wait_for_request(operation="delete", timeout=0.02)
    assert str(failure.value) == (
        "No request with operation='delete' within 0.02 s. There is 1 request:\n"
        "  POST /scim/v2/Users 201 create; bob@example.com"
    )


def test_k09_verifies_how_often_a_request_was_made(handle: Any) -> None:
    for _ in range(2):
        scim(handle, "GET", "/Users")
    assert handle.verify(method="GET") == 2
    assert handle.verify(method="GET", exactly=2) == 2
    assert handle.verify(method="GET", at_least=1, at_most=3) == 2
    assert handle.verify(operation="delete", exactly=0) == 0


def test_k10_fails_as_an_assertion_with_the_nearest_misses(handle: Any) -> None:
    scim(handle, "POST", "/Users", BOB)
    with pytest.raises(AssertionError) as failure:
        handle.verify(operation="create", user_name="ann@example.com")
    assert str(failure.value).endswith(
        "\n  POST /scim/v2/Users 201 create; bob@example.com; missed, "
        'since userName is "bob@example.com", not "ann@example.com"'
    )


def test_k11_shows_the_notes_of_a_near_miss_with_their_rules(handle: Any) -> None:
    scim(handle, "POST", "/Users", {**BOB, "locale": "en"})
    with pytest.raises(AssertionError, match=r"`locale` was ignored: .* \(U-12\); missed, since"):
        handle.verify(operation="delete")


def test_k12_sets_faults_and_counts_them(handle: Any) -> None:
    handle.set_faults([{"match": {"operation": "create"}, "when": {"times": 1}, "do": {"status": 503}}])
    assert scim(handle, "POST", "/Users", BOB)[0] == 503
    assert scim(handle, "POST", "/Users", BOB)[0] == 201
    assert [fault["fired"] for fault in handle.faults()] == [1]
    handle.set_faults([])
    assert handle.faults() == []


def test_k13_stops_moves_sets_and_frees_the_clock(handle: Any) -> None:
    noon = datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=timezone(timedelta(hours=1)))
    handle.clock.freeze(noon)
    handle.clock.advance(timedelta(minutes=30, milliseconds=1))
    handle.clock.advance("PT30M")
    assert handle.clock.get() == {"mode": "frozen", "now": "2026-03-02T12:00:00.124Z"}
    assert scim(handle, "POST", "/Users", BOB)[1]["meta"]["created"] == "2026-03-02T12:00:00.124Z"
    handle.clock.set("2030-01-01T00:00:00Z")
    assert handle.clock.get()["mode"] == "offset"
    handle.clock.freeze()
    assert handle.clock.get()["now"].startswith("2030-01-01T00:00")
    handle.clock.reset()
    assert handle.clock.get()["mode"] == "real"


@pytest.mark.insightly(scim_enabled=False)
def test_k14_changes_settings_and_learns_the_token_that_this_makes(handle: Any) -> None:
    assert handle.scim_token == ""
    changed = handle.settings.change(
        scim_enabled=True, rate_limit={"requestsPerSecond": 100}, behaviours={"groups": "empty"}
    )
    assert scim(handle, "GET", "/Groups")[0] == 200
    assert handle.settings.get() == changed
    assert handle.settings.change(rate_limit=None)["rateLimit"] is None
    with pytest.raises(ControlError) as refusal:
        handle.settings.change(saml_enabled=False, scim_enabled=True)
    assert refusal.value.status == 409


def test_k15_regenerates_the_token_and_goes_on_with_the_new_one(handle: Any) -> None:
    before = handle.scim_token
    assert handle.regenerate_token() == handle.scim_token != before
    assert scim(handle, "GET", "/Users")[0] == 200
    assert send("GET", f"{handle.scim_url}/Users", f"Bearer {before}")[0] == 401


def test_k16_exports_what_it_imports(with_ann: Any) -> None:
    state = with_ann.export_state()
    with_ann.edit_user(state["users"][-1]["USER_ID"], FIRST_NAME="Anna")
    with_ann.import_state(state)
    assert with_ann.export_state() == state


@pytest.mark.insightly(state={"users": [ANN]})
def test_k17_resets_to_the_state_it_was_created_with(handle: Any) -> None:
    scim(handle, "POST", "/Users", BOB)
    handle.clock.freeze("2030-01-01T00:00:00Z")
    handle.reset()
    assert names(handle.users()) == ["ann@example.com"]
    assert (handle.requests(), handle.clock.get()["mode"]) == ([], "real")


def test_k18_creates_an_instance_that_shares_nothing_and_goes_when_it_is_closed(handle: Any) -> None:
    other = handle.create_instance(name=f"other-{handle.name}", state={"users": [ANN]})
    assert other.name == f"other-{handle.name}"
    assert names(other.users()) == ["ann@example.com"]
    assert handle.users(user_name="ann@example.com") == []
    assert other.scim_token != handle.scim_token
    other.close()
    other.close()
    with pytest.raises(ControlError, match="There is no instance named"):
        other.users()


def test_k18_closing_an_instance_twice_spares_a_later_one_of_its_name(handle: Any) -> None:
    first = handle.create_instance(name=f"again-{handle.name}")
    first.close()
    with_its_name = handle.create_instance(name=f"again-{handle.name}")
    first.close()
    assert with_its_name.users() != []
    with_its_name.close()


def test_k18_an_instance_that_somebody_else_deleted_is_closed_without_an_error(insightly: Any) -> None:
    made = insightly.create_instance()
    assert send("DELETE", f"{made.control_url}/instances/{made.name}", f"Bearer {made.admin_key}")[0] == 204
    made.close()


def test_k19_says_what_the_control_api_refuses(with_ann: Any) -> None:
    with pytest.raises(ControlError, match="did you mean ACTIVE"):
        with_ann.edit_user(1, ACTVE=False)
    with pytest.raises(ControlError) as unknown:
        with_ann.user(99)
    assert unknown.value.status == 404
    with pytest.raises(ControlError) as taken:
        with_ann.add_user(**ANN)
    assert (taken.value.status, taken.value.body["status"]) == (409, 409)


def test_k20_waits_as_long_as_it_is_told(handle: Any) -> None:
    began = time.monotonic()
    with pytest.raises(ExpectationError, match=r"within 0\.3 s"):
        handle.wait_for_user(user_name="nobody@example.com", timeout=timedelta(seconds=0.3))
    assert time.monotonic() - began >= 0.3


def test_k20_waits_for_four_seconds_unless_told(insightly: Any) -> None:
    with pytest.raises(ExpectationError, match=r"within 4 s"):
        insightly.wait_for_request(operation="delete")


def test_k20_says_that_a_wait_is_too_long(handle: Any) -> None:
    with pytest.raises(ControlError) as refusal:
        handle.wait_for_user(active=True, timeout=61)
    assert refusal.value.status == 422


def test_k21_serves_several_threads_at_once(handle: Any) -> None:
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(handle.wait_for_user, user_name=f"u{number}@example.com") for number in range(4)]
        for number in range(4):
            threads.submit(
                handle.add_user, EMAIL_ADDRESS=f"u{number}@example.com", FIRST_NAME="U", LAST_NAME=str(number)
            ).result()
        assert [wait.result()["LAST_NAME"] for wait in waiting] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("name", ["Zoë & Co + 50% = ½ #1", "名前", '🙂 o\'Neil "x"/?;'])
def test_k22_names_and_values_arrive_as_they_are(handle: Any, name: str) -> None:
    address = f"a+b&c=d%20ü/{len(name)}?#@example.com"
    handle.add_user(EMAIL_ADDRESS=address, FIRST_NAME=name, LAST_NAME="Lee")
    assert [user["FIRST_NAME"] for user in handle.users(user_name=address)] == [name]
    assert handle.wait_for_user(user_name=address)["EMAIL_ADDRESS"] == address


def test_connect_finds_an_instance_by_its_name(insightly: Any) -> None:
    found = connect(insightly.control_url, insightly.admin_key, instance=insightly.name)
    assert (found.scim_token, found.instance_id) == (insightly.scim_token, insightly.instance_id)
    found.close()
    assert insightly.users() != []


def test_no_secret_is_shown_in_a_failing_test(insightly: Any) -> None:
    assert repr(insightly) == f"<Insightly {insightly.name!r} at {insightly.url}>"
