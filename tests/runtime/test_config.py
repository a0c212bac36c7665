"""config.yml: defaults, environment variables, and reports of all errors at once, each with its line and key."""

import re
from pathlib import Path
from typing import Any

import pytest

from notification.domain.errors import ConfigError
from notification.domain.model import Rule
from notification.runtime.config import VARIABLES, Config, Riak, load_config, load_with_warnings, parse_config
from tests.service_process import ROOT

UNIT_IS_MISSING = (
    'line 1: request_timeout: the unit is missing; write "10 seconds", or another unit (ns, us, ms, s, m, h, d)'
)

WRONG = ["x y", "5", "-5", "1.5", "true", "null", "[]", "[[]]", "[5]", "{}", "{a: 1}", "{1: {}}", ".nan", "1e99", "''"]
WRONG += ["2026-01-01", "99999999999999999999999", "[x y]", "!!binary aGk=", "!!set {a}"]


def reasons(text: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, environment)
    return list(caught.value.reasons)


def test_the_file_of_this_repository_shows_the_defaults() -> None:
    assert load_config(ROOT / "config.yml", {}) == Config()


def test_an_empty_file_is_the_defaults() -> None:
    assert parse_config("", {}) == parse_config("# nothing\n", {}) == Config()


def test_every_key_is_in_the_file_with_a_comment_above_it() -> None:
    lines = (ROOT / "config.yml").read_text(encoding="utf-8").splitlines()
    for section, field in Config.model_fields.items():
        keys = getattr(field.annotation, "model_fields", {})
        for key in keys or [section]:
            number = next(n for n, line in enumerate(lines) if line.strip().startswith(f"{key}:"))
            assert lines[number - 1].strip().startswith("#"), key


def test_the_environment_sets_host_port_and_data() -> None:
    config = load_config(ROOT / "config.yml", {"HOST": "0.0.0.0", "PORT": "9090", "DATA": "/var/lib/feeds"})
    assert (config.server.host, config.server.port) == ("0.0.0.0", 9090)
    assert config.embedded.path == "/var/lib/feeds/notification.db"


def test_durations_and_sizes_are_read_with_their_units() -> None:
    config = parse_config("server: {shutdown_timeout: 500 ms, max_body: 1 MiB}\nrequest_timeout: 2m", {})
    assert (config.server.shutdown_timeout, config.server.max_body, config.request_timeout) == (0.5, 2**20, 120)


def test_caches_are_bounded_in_bytes_and_may_be_off() -> None:
    cache = parse_config("cache: {feeds: 1 GiB, views: 1.5 KiB, cursors: 0}", {}).cache
    assert (cache.feeds, cache.views, cache.cursors) == (2**30, 1536, 0)


def test_rules_may_be_written_with_hyphens_or_underscores() -> None:
    config = parse_config("rules:\n  like: {max-size: 2}\n  comment: {max_size: 3, match-on: post}", {})
    assert config.configured_rules == {"like": Rule(2), "comment": Rule(3, match_on="post")}


def test_every_error_is_told_with_its_line_and_path() -> None:
    text = """
server:
  prot: 8080
  port: high
  shutdown_timeout: soon
embedded: 5
rules:
  like:
    max-size: 0
  comment: {}
storage: floppy
"""
    told = reasons(text)
    assert [reason.rsplit(": ", 1)[0].split(": ")[:2] for reason in told] == [
        ["line 4", "server.port"],
        ["line 5", "server.shutdown_timeout"],
        ["line 3", "server.prot"],
        ["line 11", "storage"],
        ["line 6", "embedded"],
        ["line 9", "rules.like.max_size"],
        ["line 10", "rules.comment"],
    ]
    assert "line 3: server.prot: there is no such key" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("server: {port: 70000}", "line 1: server.port: must be at most 65535, not 70000"),
        ("server: {port: '8080'}", 'line 1: server.port: must be a whole number, not "8080"'),
        ("server: {port: 1.5}", "line 1: server.port: must be a whole number, not 1.5"),
        ("server: {port: }", "line 1: server.port: must be a whole number, not null"),
        ("server: {host: 5}", "line 1: server.host: must be text, not 5; put it in quotes"),
        ("server: {max_body: lots}", "line 1: server.max_body: must be a size in bytes, such as 256 KiB, not \"lots\""),
        ("server: {proxies: 10.0.0.0/8}", "line 1: server.proxies: must be a list, not \"10.0.0.0/8\""),
        ("server: {proxies: [10.1.2.3/8]}",
         'line 1: server.proxies.0: "10.1.2.3/8" is not a network such as 10.0.0.0/8; 10.0.0.0/8 is'),
        ("server: {proxies: [gateway]}", 'line 1: server.proxies.0: "gateway" is not a network such as 10.0.0.0/8'),
        ("server:", "line 1: server: must be a section of keys and values, not null"),
        ("storage: floppy", 'line 1: storage: must be embedded or riak, not "floppy"'),
        ("embedded: {path: ''}", "line 1: embedded.path: must have at least 1 characters"),
        ("request_timeout: 10", UNIT_IS_MISSING),
        ("request_timeout: '10'", UNIT_IS_MISSING),
        ("request_timeout: 0 s", 'line 1: request_timeout: must be more than 0, not "0 s"'),
        ("rules: {like: {max-duration: 10}}", UNIT_IS_MISSING.replace("request_timeout", "rules.like.max_duration")),
        ("logging:\n  requests: 1", "line 2: logging.requests: must be true or false, not 1"),
        ("a: 1\na: 2", "line 2: a: twice"),
        ("? [a]\n: 1", "line 1: a key must be text"),
        ("[1, 2]", "line 1: the document: must be a section of keys and values"),
        ("storage: ${NOWHERE}", "line 1: storage: the environment has no NOWHERE, and there is no default"),
        ("request_timeout: 2026-99-99",
         "line 1: request_timeout: not readable as the date, number or tag that it looks like"),
        ("rules: {like: 5}", "line 1: rules.like: must be a section of keys and values, not 5"),
        ("rules: {li: {max-size: 1}}", "line 1: rules.li: the name must have at least 3 characters"),
        ("riak: {security: {username: a}}", "line 1: riak.security.password: is needed"),
        ("riak: {security: {username: a, password: 5}}",
         "line 1: riak.security.password: must be text; put it in quotes"),
        ("riak: {nodes: []}", "line 1: riak.nodes: must not be empty"),
        ("riak: {nodes: ['http://riak1:8087']}",
         'line 1: riak.nodes.0: a node is host:port, such as riak1.internal:8087, not "http://riak1:8087"'),
        ("riak: {nodes: 'a:1,b/:1'}",
         'line 1: riak.nodes.1: a node is host:port, such as riak1.internal:8087, not "b/:1"'),
        ("a: [1", "line 1: not YAML: expected ',' or ']', but got '<stream end>'"),
        ("cache:\n  notifications: 5", "line 2: cache.notifications: is now cache.feeds, a size in bytes"),
        ("cache: {shown: 100}", "line 1: cache.shown: is now cache.views, a size in bytes such as 128 MiB"),
        ("cache: {cursors: 100000}", "line 1: cache.cursors: a size in bytes with its unit, such as 256 MiB, or 0"),
        ("cache: {feeds: '-5'}", "line 1: cache.feeds: must be a size in bytes, such as 256 KiB"),
        ("a: b: c", "line 1: not YAML: mapping values are not allowed here"),
        ("a: b\nc: \0", "line 2: not YAML: there is a control character"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    assert any(reason.startswith(told) for reason in reasons(text))


def test_an_empty_variable_counts_as_unset() -> None:
    assert parse_config("server: {host: '${HOST:-localhost}'}", {"HOST": ""}).server.host == "localhost"


def test_a_doubled_dollar_is_a_plain_one() -> None:
    assert parse_config("embedded: {path: '$${HOME}/x'}", {}).embedded.path == "${HOME}/x"


def test_a_quoted_variable_stays_text() -> None:
    assert "whole number" in reasons("server: {port: '${PORT}'}", PORT="80")[0]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_can_not_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "config.yml").write_bytes(content)
    with pytest.raises(ConfigError, match="can't be read"):
        load_config(tmp_path / "config.yml", {})


@pytest.mark.parametrize("quorum", ["r", "pr", "w", "pw", "dw"])
def test_a_quorum_is_within_its_range(quorum: str) -> None:
    least = 0 if quorum in {"pr", "pw"} else 1
    for allowed in (least, 3, 100, "one", "quorum", "all", "default", "null"):
        parse_config(f"riak: {{{quorum}: {allowed}}}", {})
    for refused in (least - 1, 101, 1.5, "true", "most", "[1]", "''"):
        told = f"line 1: riak.{quorum}: must be a number from {least} to 100, one, quorum, all, default or null"
        assert reasons(f"riak: {{{quorum}: {refused}}}") == [told]


def test_a_variable_that_is_wrong_is_named_with_its_value() -> None:
    assert reasons("server: {port: '${PORT:-8080}'}\n", PORT="abc") == [
        'line 1: server.port: must be a whole number, not "abc" (from the environment: PORT=abc)'
    ]
    told = reasons((ROOT / "config.yml").read_text(encoding="utf-8"), PORT="abc", RIAK_NODES="a:1,http://b:1")
    assert [line.rpartition(" (from")[2] for line in told] == [
        " the environment: PORT=abc)", " the environment: RIAK_NODES=a:1,http://b:1)"
    ]  # fmt: skip


def test_a_value_that_is_a_default_names_no_variable() -> None:
    assert reasons("server: {port: '${PORT:-abc}'}") == ['line 1: server.port: must be a whole number, not "abc"']


@pytest.mark.parametrize("value", ["31415926", "2026-99-99"])
def test_a_password_is_never_repeated(value: str) -> None:
    (told,) = reasons("riak:\n  security:\n    username: a\n    password: ${RIAK_PASSWORD}", RIAK_PASSWORD=value)
    assert value not in told
    assert told.endswith("(from the environment: RIAK_PASSWORD)")


def test_a_value_is_repeated_on_one_line_and_cut_short() -> None:
    (told,) = reasons("storage: ${STORAGE}", STORAGE="x\x1b[2J" + "y" * 1000)
    assert told.isprintable()
    assert len(told) < 300


def test_an_alias_may_be_used() -> None:
    assert parse_config("rules: {like: &a {max-size: 2}, share: *a}", {}).configured_rules["share"] == Rule(2)


def test_an_alias_of_what_contains_it_is_an_error() -> None:
    assert reasons("server: &a\n  host: *a") == ["line 2: server.host: this alias refers to a value that contains it"]
    assert reasons("&a [*a]")[0] == "line 1: 0: this alias refers to a value that contains it"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "{a: " * 20_000,
        "[" * 22 + "]" * 22,
        "\n".join([f"a0: &a0 [{'x,' * 9}]", *(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]" for n in range(1, 12))]),
        "- " * 5000 + "a",
    ],
)
def test_a_document_out_of_all_proportion_is_an_error_with_a_line(text: str) -> None:
    (told,) = reasons(text)
    assert re.fullmatch(r"line \d+: (nested too deeply|more than 50000 values, .*)", told)


@pytest.mark.parametrize("tagged", ["!!bool 'x'", "!!timestamp 'x'", "!!int ''", "!!float 'x'", "!!python/none 'x'"])
def test_a_tag_that_its_text_does_not_fit_is_an_error(tagged: str) -> None:
    assert "not readable" in reasons(f"storage: {tagged}")[0]


def test_a_timeout_is_not_above_the_one_around_it() -> None:
    text = "storage: riak\nriak:\n  request_timeout: 9 s\n  deadline: 8 s\nrequest_timeout: 7 s\n"
    assert reasons(text) == [
        "line 4: riak.deadline: must not exceed request_timeout, 7 seconds",
        "line 3: riak.request_timeout: must not exceed riak.deadline, 8 seconds",
    ]
    assert reasons("storage: riak\nrequest_timeout: 1 s") == [
        "line 2: request_timeout: must not be below riak.deadline, 5 seconds"
    ]
    assert reasons("riak: {deadline: 20 s}") == ["line 1: riak.deadline: must not exceed request_timeout, 10 seconds"]


def test_a_deadline_may_be_shorter_than_the_default_of_one_attempt() -> None:
    assert parse_config("storage: riak\nriak: {deadline: 1 s}", {}).riak.deadline == 1


def test_the_timeouts_of_a_riak_that_is_not_there_do_not_count() -> None:
    assert parse_config("request_timeout: 1 s", {}).riak.deadline == 5


def test_all_errors_are_reported_together_those_of_files_and_timeouts_too(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    (tmp_path / "folder").mkdir()
    (tmp_path / "no.pem").write_text("nothing")
    file.write_text(
        f"server: {{port: x}}\nembedded: {{path: {tmp_path}/folder}}\nriak:\n  deadline: 11 s\n"
        f"  security: {{username: a, password: b, cacert_file: {tmp_path}/no.pem}}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_config(file, {})
    assert sorted(reason.split(": ")[1] for reason in caught.value.reasons) == [
        "embedded.path", "riak.deadline", "riak.security.cacert_file", "server.port"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("embedded: {path: FOLDER}", "embedded.path: is a folder; give a file in it, such as notification.db"),
        ("embedded: {path: FOLDER/config.yml/a/b.db}", "embedded.path: FOLDER/config.yml is not a folder"),
        ('embedded: {path: "a\\0b"}', "embedded.path: has a character that file names can't contain"),
        ("embedded: {path: 'LONG/b.db'}", "embedded.path: can't be used: "),
        ("riak: {security: {username: a, password: b, cacert_file: FOLDER/no.pem}}",
         "riak.security.cacert_file: can't be read as certificates in PEM format: "),
    ],
)  # fmt: skip
def test_files_that_can_not_be_used_are_errors(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "config.yml"
    file.write_text(text.replace("FOLDER", str(tmp_path)).replace("LONG", "x" * 300))
    with pytest.raises(ConfigError) as caught:
        load_config(file, {})
    assert caught.value.reasons[0].startswith(f"line 1: {told.replace('FOLDER', str(tmp_path))}")


def keys(model: Any, path: str = "") -> list[str]:
    """Return every key of a configuration."""
    if not hasattr(model, "model_fields"):
        return [path]
    fields = model.model_fields.items()
    return [key for name, field in fields for key in keys(field.annotation, f"{path}.{name}".removeprefix("."))]


def nested(key: str, value: object) -> str:
    return "{" + ": {".join(key.split(".")) + f": {value}" + "}" * len(key.split("."))


@pytest.mark.parametrize("key", [*keys(Config), "riak.security.username", "riak.security.cacert_file", "rules.like"])
def test_no_message_is_in_the_words_of_a_library(key: str) -> None:
    for value in WRONG:
        try:
            parse_config(nested(key, value), {})
        except ConfigError as error:
            told = " ".join(error.reasons)
            assert not re.search(
                r"[Ii]nput|valid (?!numbers)|instance|Value error|validat|Errno|[a-z]+_[a-z]+ type", told
            )
            assert "is not valid" not in told


def test_the_known_variables_are_those_of_the_file_of_this_repository() -> None:
    text = (ROOT / "config.yml").read_text(encoding="utf-8")
    assert set(VARIABLES) == set(re.findall(r"\$\{([A-Z_]+)(?!\w)(?=[:}])", text)) - {"NAME"}


def test_a_variable_that_the_file_does_not_use_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    file.write_text("server: {host: '${HOST:-localhost}'}\n# ${DATA}\n")
    loaded = load_with_warnings(file, {"PORT": "9090", "DATA": "/data", "HOST": "::1", "WORKERS": "", "HOME": "/"})
    assert loaded.config.server.port == 8080
    assert loaded.warnings == [
        "DATA is set, but the file has no ${DATA} for embedded.path",
        "PORT is set, but the file has no ${PORT} for server.port",
    ]


def test_the_file_of_this_repository_uses_every_variable_but_the_password() -> None:
    environment = {"PORT": "1", "WORKERS": "1", "STORAGE": "riak", "LOG_LEVEL": "info"}
    every = {name: environment.get(name, "x") for name in VARIABLES if name != "RIAK_PASSWORD"}
    assert load_with_warnings(ROOT / "config.yml", every).warnings == []


def test_the_defaults_of_riak_are_within_each_other() -> None:
    assert Riak().request_timeout <= Riak().deadline <= Config().request_timeout


@pytest.mark.parametrize("path", ["", "/api", "/a/b", "/v1", "/.well-known", "/a.b_c~d-e"])
def test_a_base_path_is_accepted(path: str) -> None:
    assert parse_config(f'server: {{base_path: "{path}"}}', {}).server.base_path == path


@pytest.mark.parametrize("path", ["api", "/", "/api/", "//api", "/.", "/..", "/a/../b", "/a b", "/a%20b", "/admin",
                                  "/web/x", "/é", "/ping", "/a?b", "/api\\n"])  # fmt: skip
def test_a_base_path_that_could_not_be_reached_is_an_error(path: str) -> None:
    with pytest.raises(ConfigError, match=r"server\.base_path"):
        parse_config(f'server: {{base_path: "{path}"}}', {})
