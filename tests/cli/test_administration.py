"""The commands that change what users have: send to many, remove, cursor, rules, rule."""

import json

import pytest

from notification.client import NotificationClient, Rule
from tests.cli.conftest import Run
from tests.client.scripted_server import ScriptedServer, reply

pytestmark = pytest.mark.usefixtures("url")

NEWS = ("send", "--category", "news", "--message", "hi", "--key", "k")


async def made(client: NotificationClient, number: int) -> list[str]:
    return [(await client.create("bob", "like", "hi")).id for _ in range(number)]


async def listed(client: NotificationClient, username: str = "bob") -> list[str]:
    return [item.id async for item in client.list(username, peek=True)]


async def test_send_to_many_prints_an_id_for_each(run: Run, client: NotificationClient) -> None:
    done = await run(*NEWS, "ada", "bob")
    ids = [(await listed(client, user))[0] for user in ("ada", "bob")]
    assert done == (0, f"{ids[0]}  ada\n{ids[1]}  bob\n", "")


async def test_send_to_many_tells_who_could_not_get_it(run: Run, client: NotificationClient) -> None:
    done = await run(*NEWS, "ada", "not/a name", "bob")
    assert (done.code, len(done.lines)) == (1, 2)
    assert done.err.startswith("notification: not/a name: username: ")
    assert len(await listed(client)) == 1


async def test_send_to_many_may_be_repeated_with_its_key(run: Run, client: NotificationClient) -> None:
    half = await run(*NEWS, "ada", "bob")
    whole = await run(*NEWS, "ada", "bob", "eve")
    assert whole.lines[:2] == half.lines
    assert len(await listed(client)) == 1


async def test_send_to_many_has_the_fields_of_the_interface(run: Run) -> None:
    outcome = json.loads((await run(*NEWS, "ada", "not/a name", "--json")).out)
    assert (outcome["created"], outcome["failed"]) == (1, 1)
    assert [sorted(result) for result in outcome["results"]] == [["id", "username"], ["code", "message", "username"]]


async def test_send_to_many_without_an_answer_for_some_is_told_by_the_exit_code(run: Run) -> None:
    body = b'{"created":0,"failed":1,"results":[{"username":"ada","code":503,"message":"no answer"}]}'
    async with ScriptedServer([reply(body=body)]) as server:
        done = await run(*NEWS, "ada", "bob", "--url", server.url, "--patience", "0")
    assert done == (3, "", "notification: ada: no answer (503)\n")


async def test_remove_removes_those_named(run: Run, client: NotificationClient) -> None:
    ids = await made(client, 3)
    assert await run("remove", "bob", ids[0], ids[2]) == (0, "", "")
    assert await listed(client) == [ids[1]]


async def test_remove_removes_all_where_it_is_told_to(run: Run, client: NotificationClient) -> None:
    await made(client, 3)
    assert await run("remove", "bob", "--all") == (0, "", "")
    assert await listed(client) == []


@pytest.mark.parametrize("arguments", [(), ("id", "--all")])
async def test_remove_removes_nothing_where_it_is_not_clear_what(
    run: Run, client: NotificationClient, arguments: tuple[str, ...]
) -> None:
    ids = await made(client, 1)
    assert (await run("remove", "bob", *arguments)).code == 2
    assert await listed(client) == ids


async def test_remove_says_what_is_no_id_and_removes_nothing(run: Run, client: NotificationClient) -> None:
    ids = await made(client, 1)
    done = await run("remove", "bob", ids[0], "notanid", "z" * 27)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"notification: nothing was removed: 'notanid', '{'z' * 27}' can't be the id of")
    assert await listed(client) == ids


async def test_cursor_says_how_far_a_user_has_seen(run: Run, client: NotificationClient) -> None:
    assert await run("cursor", "bob") == (0, "", "")
    ids = await made(client, 2)
    assert (await run("cursor", "bob", "--to", ids[0])).out == f"{ids[0]}\n"
    assert json.loads((await run("cursor", "bob", "--json")).out) == {"key": "bob-notifications", "value": ids[0]}


async def test_cursors_of_other_names_are_moved_by_themselves(run: Run, client: NotificationClient) -> None:
    (id_,) = await made(client, 1)
    assert (await run("cursor", "bob", "--name", "mail", "--to", id_)).out == f"{id_}\n"
    assert json.loads((await run("cursor", "bob", "--json")).out) is None


async def test_a_rule_is_made_shown_and_removed(run: Run, client: NotificationClient) -> None:
    rule = ("--max-size", "10", "--max-duration", "12h", "--match-on", "post")
    assert await run("rule", "like", *rule) == (0, "", "")
    assert await client.rules() == {"like": Rule(10, "12 hours", "post")}
    assert (await run("rules")).lines[1].split() == ["like", "10", "12", "hours", "post"]
    assert await run("rule", "like", "--remove") == (0, "", "")
    assert await run("rules") == (0, "", "")


async def test_all_rules_are_removed(run: Run, client: NotificationClient) -> None:
    for category in ("like", "share"):
        await client.put_rule(category, Rule(max_size=1))
    assert json.loads((await run("rules", "--json")).out) == {"like": {"max_size": 1}, "share": {"max_size": 1}}
    assert await run("rules", "--remove-all") == (0, "", "")
    assert await client.rules() == {}


async def test_a_rule_of_nothing_is_refused(run: Run) -> None:
    assert (await run("rule", "like")).code == 2
    assert (await run("rule", "like", "--remove", "--max-size", "1")).code == 2
