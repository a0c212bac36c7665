"""The pool: as many connections as configured, the last used first, none for long, none leaked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from notification.riak.connection import Connection
from notification.riak.dial import dialer
from notification.riak.errors import NodeUnavailable
from notification.riak.messages import Code, ignore_body, make_call
from notification.riak.options import Address, Options
from notification.riak.pool import Pool
from tests.riak.conftest import Until
from tests.riak.scripted_node import ScriptedNode, hang

PING = make_call(Code.PING_REQ, None, Code.PING_RESP, ignore_body)


def pool_to(node: ScriptedNode, size: int = 2, max_idle: float = 60.0) -> Pool:
    return Pool(dialer(Address("127.0.0.1", node.port), Options()), size, max_idle)


@asynccontextmanager
async def lease(pool: Pool) -> AsyncIterator[Connection]:
    connection = await pool.borrow()
    try:
        yield connection
    finally:
        pool.give_back(connection)


async def ping(pool: Pool) -> None:
    async with lease(pool) as connection:
        await connection.request(PING)


async def test_it_opens_no_more_connections_than_its_size(node: ScriptedNode) -> None:
    pool = pool_to(node, size=3)
    await asyncio.gather(*(ping(pool) for _ in range(50)))
    assert (node.most_open, pool.open) == (3, 3)
    await pool.close()


async def test_the_last_used_connection_is_used_first(node: ScriptedNode) -> None:
    pool = pool_to(node)
    async with lease(pool), lease(pool) as second:
        pass
    async with lease(pool) as again:
        assert again is not second  # `second` was given back first
    assert node.accepted == 2
    await pool.close()


async def test_an_unused_connection_is_closed_after_a_while(node: ScriptedNode, until: Until) -> None:
    pool = pool_to(node, max_idle=0.02)
    async with lease(pool), lease(pool):
        pass
    await until(lambda: not node.peers)
    assert pool.open == 0
    await pool.close()


async def test_a_connection_that_the_node_closed_is_not_lent(node: ScriptedNode, until: Until) -> None:
    pool = pool_to(node)
    await ping(pool)
    for peer in node.peers:
        peer.cut()
    await until(lambda: pool.open == 0)
    await ping(pool)
    assert node.accepted == 2
    await pool.close()


async def test_a_cancelled_request_frees_its_place(node: ScriptedNode, until: Until) -> None:
    pool = pool_to(node, size=1)
    node.script = hang
    request = asyncio.ensure_future(ping(pool))
    await until(lambda: node.asked[Code.PING_REQ])
    request.cancel()
    await asyncio.wait((request,))
    async with lease(pool):
        pass
    assert node.accepted == 2
    await pool.close()


async def test_who_waits_may_be_cancelled(node: ScriptedNode) -> None:
    pool = pool_to(node, size=1)
    async with lease(pool):
        waiting = [asyncio.ensure_future(ping(pool)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[1].cancel()
    await waiting[2]
    await asyncio.wait(waiting)
    assert (node.accepted, pool.open) == (1, 1)
    await pool.close()


async def test_a_waiter_that_is_cancelled_with_its_slot_in_hand_passes_it_on(node: ScriptedNode) -> None:
    pool = pool_to(node, size=1)
    lent = await pool.borrow()
    waiting = [asyncio.ensure_future(ping(pool)) for _ in range(2)]
    await asyncio.sleep(0)
    pool.give_back(lent)
    waiting[0].cancel()
    await asyncio.wait(waiting)
    assert (waiting[0].cancelled(), waiting[1].exception(), node.accepted) == (True, None, 1)
    await pool.close()


async def test_an_idle_connection_is_not_taken_from_the_borrower_that_waited_for_it(node: ScriptedNode) -> None:
    pool = pool_to(node, size=1)
    lent = await pool.borrow()
    waiting = asyncio.ensure_future(ping(pool))
    await asyncio.sleep(0)
    pool.give_back(lent)
    assert pool.take() is None
    await waiting
    again = pool.take()
    assert again is lent
    pool.give_back(lent)
    await pool.close()


@pytest.mark.parametrize("steps", range(12))
async def test_a_request_cancelled_at_any_step_loses_no_slot_and_no_reply(node: ScriptedNode, steps: int) -> None:
    pool = pool_to(node, size=1)
    request = asyncio.ensure_future(ping(pool))
    for _ in range(steps):
        await asyncio.sleep(0)
    request.cancel()
    await asyncio.wait((request,))
    async with lease(pool) as connection:
        await connection.request(PING)
        assert connection.usable
    assert pool.open == 1
    await pool.close()


async def test_a_connection_that_can_not_be_opened_frees_its_place(node: ScriptedNode) -> None:
    pool = pool_to(node, size=1)
    await node.stop()
    for _ in range(3):
        with pytest.raises(NodeUnavailable):
            await ping(pool)
    await node.start()
    await ping(pool)
    await pool.close()


async def test_a_reset_turns_away_who_waits_and_closes_what_is_idle(node: ScriptedNode, until: Until) -> None:
    pool = pool_to(node, size=2)
    await ping(pool)
    async with lease(pool), lease(pool):
        waiting = asyncio.ensure_future(ping(pool))
        await asyncio.sleep(0)
        pool.reset()
    with pytest.raises(NodeUnavailable):
        await waiting
    pool.reset()
    await until(lambda: not node.peers)
    assert pool.open == 0
    await pool.close()


async def test_closing_leaves_nothing_open(node: ScriptedNode, until: Until) -> None:
    pool = pool_to(node)
    await asyncio.gather(ping(pool), ping(pool))
    await pool.close()
    assert pool.open == 0
    await until(lambda: not node.peers)
