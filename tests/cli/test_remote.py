"""The commands that talk to a service: send, list, count, demo, watch."""

import json
import re

import pytest

from notification.cli import main, make_parser
from notification.client import NotificationClient, Rule
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("url")

SEND = ("send", "bob", "--category", "like", "--message")


async def test_send_makes_a_notification_and_prints_its_id(run: Run, client: NotificationClient) -> None:
    done = await run(*SEND, "hi", "--property", "post=42", "--property", "text=a=b")
    (item,) = (await client.page("bob")).items
    assert done == (0, f"{item.id}\n", "")
    assert (item.message, item.properties) == ("hi", {"post": "42", "text": "a=b"})


async def test_send_with_the_same_key_makes_one_notification(run: Run) -> None:
    assert (await run(*SEND, "hi", "--key", "k")).out == (await run(*SEND, "hi", "--key", "k")).out


async def test_send_tells_every_reason_of_a_refusal(run: Run) -> None:
    done = await run("send", "bob", "--category", "x", "--message", "")
    assert (done.code, done.out) == (1, "")
    assert "category: " in done.err
    assert "message: " in done.err


async def test_list_shows_groups_marks_what_is_unseen_and_marks_it_as_seen(
    run: Run, client: NotificationClient
) -> None:
    await client.put_rule("like", Rule(max_size=5))
    made = [(await client.create("bob", "like", "hi", {"post": 7})).id for _ in range(2)]
    shape = r"\* {id}  \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ  like      hi  post=7"
    first = await run("list", "bob", "--seen")
    assert re.fullmatch(shape.format(id=made[1]), first.lines[0])
    assert re.fullmatch("  " + shape.format(id=made[0]), first.lines[1])
    assert [line.lstrip()[0] for line in (await run("list", "bob")).lines] == [made[1][0], made[0][0]]


async def test_list_shows_twenty_or_all(run: Run, client: NotificationClient) -> None:
    for number in range(25):
        await client.create("bob", "like", str(number))
    assert len((await run("list", "bob")).lines) == 20
    assert len((await run("list", "bob", "--all")).lines) == 25


async def test_list_marks_nothing_as_seen_unless_it_is_told_to(run: Run, client: NotificationClient) -> None:
    await client.create("bob", "like", "hi")
    for options in ([], ["--peek"], ["--all"], ["--json"]):
        await run("list", "bob", *options)
        assert (await client.count("bob")).unseen == 1
    assert (await run("list", "bob", "--seen", "--all")).out.startswith("*")
    assert (await client.count("bob")).unseen == 0


async def test_list_says_how_many_there_are(run: Run, client: NotificationClient) -> None:
    await client.put_rule("like", Rule(max_size=1))
    for number in range(50):
        await client.create("bob", "like", str(number))
    assert (await run("list", "bob")).err == "40 of 50 shown; 50 unseen.\n"
    assert (await run("list", "bob", "--all")).err == "50 of 50 shown; 50 unseen.\n"
    shown = await run("list", "bob", "--json", "--seen")
    assert (len(json.loads(shown.out)), shown.err) == (20, "40 of 50 shown; 50 unseen.\n")


async def test_nothing_to_list_is_said_beside_the_data(run: Run) -> None:
    assert await run("list", "nobody") == (0, "", "nobody has no notifications.\n")


async def test_a_terminal_gets_no_commands_from_a_notification(run: Run, client: NotificationClient) -> None:
    await client.create("bob", "like", "\x1b[2J\r\u202eevil\nline", {"\x07": "\x9b"})
    (line,) = (await run("list", "bob")).lines
    assert line.endswith(r"\x1b[2J\r\u202eevil\nline  \x07=\x9b")


async def test_json_has_the_fields_of_the_interface(run: Run, client: NotificationClient) -> None:
    await client.put_rule("like", Rule(max_size=5))
    for _ in range(2):
        await run(*SEND, "hi", "--property", "post=7")
    (item,) = json.loads((await run("list", "bob", "--json", "--peek")).out)
    assert list(item) == ["id", "category", "message", "created_at", "unseen", "properties", "notifications"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item["created_at"])
    assert item["properties"] == {"post": "7"}
    assert json.loads((await run(*SEND, "hi", "--json")).out)["message"] == "hi"


async def test_count_says_how_many(run: Run, client: NotificationClient) -> None:
    await client.create("bob", "like", "hi")
    assert (await run("count", "bob")).out == "1 unseen of 1, in 1 unseen of 1 groups\n"
    assert json.loads((await run("count", "bob", "--json")).out) == {
        "unseen": 1, "total": 1, "groups": 1, "unseen_groups": 1
    }  # fmt: skip


async def test_a_service_that_does_not_answer_is_told_by_the_exit_code(run: Run) -> None:
    done = await run("count", "bob", "--url", "http://127.0.0.1:1", "--patience", "0")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("notification: no reply from http://127.0.0.1:1")


async def test_arguments_that_are_not_text_are_refused_by_the_service(run: Run) -> None:
    assert (await run("count", "\udcff")).code == 1
    assert (await run(*SEND, "\udcff")).code == 1


async def test_an_answer_that_is_not_the_services_is_a_failure(run: Run, url: str) -> None:
    done = await run("list", "bob", "--url", f"{url}/elsewhere")
    assert (done.code, done.err) == (1, "notification: Not Found (404)\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("count", "bob", "--url", "host:8080"),
        ("count", "bob", "--url", "http://"),
        ("count", "bob", "--patience", "long"),
        ("count", "bob", "--patience", "-1"),
        ("count", "bob", "--patience", "nan"),
        ("list", "bob", "--seen", "--peek"),
        ("demo", "bob", "--count", "0"),
        ("demo", "bob", "--count", "1001"),
        ("send", "bob", "--category", "like"),
        (*SEND, "hi", "--property", "post"),
        (*SEND, "hi", "--property", "=42"),
        (*SEND, "hi", "--key", "a\nb"),
        ("watch", "bob", "--since", "é"),
    ],
)
def test_wrong_arguments_are_refused(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        make_parser().parse_args(arguments)
    assert f"usage: notification {arguments[0]}" in capsys.readouterr().err


async def test_the_address_may_come_before_the_command_or_after_it(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFICATION_URL", "http://127.0.0.1:1")
    for arguments in (["--url", url, "count", "bob"], ["count", "bob", "--url", url]):
        assert (await run(*arguments)).out.startswith("0 unseen")
    assert (await run("--url", "http://127.0.0.1:1", "count", "bob", "--url", url)).code == 0


def test_an_address_before_a_command_that_needs_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--url", "http://127.0.0.1:1", "check", "config.yml"])
    assert "--url is for commands that use a running service" in capsys.readouterr().err


async def test_an_address_in_the_environment_that_is_none_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFICATION_URL", "host:8080")
    reason = "NOTIFICATION_URL: 'host:8080' is not an address such as http://127.0.0.1:8080"
    assert await run("count", "bob") == (2, "", f"notification: {reason}; see --help\n")
