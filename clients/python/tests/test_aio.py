"""What is of asyncio alone; that every method does the same awaited is tested with the instance."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys

import pytest
from conftest import ANN

from insightly_scim import ControlError, Insightly, InstanceClock, InstanceSettings, aio
from insightly_scim.aio import AsyncInsightly


@pytest.mark.parametrize(
    ("awaited", "plain"),
    [
        (aio.AsyncInsightly, Insightly),
        (aio.AsyncInstanceClock, InstanceClock),
        (aio.AsyncInstanceSettings, InstanceSettings),
    ],
)
def test_every_public_member_is_there_awaited(awaited: type, plain: type) -> None:
    def members(of: type) -> set[str]:
        return {name for name in {*vars(of), *of.__annotations__} if not name.startswith("_")}

    assert members(plain) == members(awaited)
    for name in members(plain) & vars(plain).keys():
        assert inspect.getdoc(getattr(awaited, name)) == inspect.getdoc(getattr(plain, name))
        assert inspect.iscoroutinefunction(getattr(awaited, name)) == inspect.isfunction(getattr(plain, name))


def test_start_and_connect_are_context_managers() -> None:
    async def program() -> None:
        async with await aio.start(seed={"users": [ANN]}) as server:
            async with await aio.connect(server.control_url, server.admin_key) as found:
                assert [user["FIRST_NAME"] for user in await found.users()] == ["Ann"]
            async with await server.create_instance() as other:
                assert await other.users(user_name="ann@example.com") == []
            with pytest.raises(ControlError):
                await other.users()

    asyncio.run(program())


def test_k21_many_tasks_wait_at_once(async_insightly: AsyncInsightly) -> None:
    async def program() -> None:
        waits = [async_insightly.wait_for_user(user_name=f"u{number}@example.com") for number in range(50)]
        adding = async_insightly.add_user(EMAIL_ADDRESS="u49@example.com", FIRST_NAME="U", LAST_NAME="Ser")
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        await adding
        done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result()["EMAIL_ADDRESS"] for task in done] == ["u49@example.com"]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in waiting)

    asyncio.run(program())


def test_a_program_does_not_wait_for_what_it_gave_up(insightly: Insightly) -> None:
    text = f"""
import asyncio
from insightly_scim import aio

async def main():
    found = await aio.connect({insightly.control_url!r}, {insightly.admin_key!r}, {insightly.name!r})
    waiting = asyncio.ensure_future(found.wait_for_user(user_name="nobody@example.com", timeout=60))
    await asyncio.sleep(0.1)
    waiting.cancel()

asyncio.run(main())
"""
    # It would end after a minute.
    subprocess.run([sys.executable, "-c", text], check=True, timeout=40)


def test_an_instance_that_is_made_for_a_cancelled_task_is_deleted(async_insightly: AsyncInsightly) -> None:
    async def program() -> None:
        creating = asyncio.ensure_future(async_insightly.create_instance(name=f"late-{async_insightly.name}"))
        await asyncio.sleep(0)
        creating.cancel()
        with pytest.raises(asyncio.CancelledError):
            await creating
        # It is there for a moment, or not any more.
        for _ in range(1500):
            await asyncio.sleep(0.02)
            try:
                await aio.connect(
                    async_insightly.control_url, async_insightly.admin_key, f"late-{async_insightly.name}"
                )
            except ControlError as gone:
                assert gone.status == 404
                return
        pytest.fail("the instance is still there")

    asyncio.run(program())
