"""config.yml: its defaults, its environment, and errors that name line and key, all at once."""

from pathlib import Path

import pytest

from notification.config import Config, load_config, parse_config
from notification.errors import ConfigError
from notification.model import Rule
from tests.service_process import ROOT


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
    assert config.standing_rules == {"like": Rule(2), "comment": Rule(3, match_on="post")}


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
        ("server: {port: 70000}", "line 1: server.port: Input should be less than or equal to 65535"),
        ("server: {port: '8080'}", "line 1: server.port: Input should be a valid integer"),
        ("request_timeout: 10", "line 1: request_timeout: a duration in quotes or plain, such as \"10 seconds\""),
        ("request_timeout: 0 s", "line 1: request_timeout: Input should be greater than 0"),
        ("logging:\n  requests: 1", "line 2: logging.requests: Input should be a valid boolean"),
        ("a: 1\na: 2", "line 2: a: twice"),
        ("[1, 2]", "line 1: the document: Input should be a valid dictionary or instance of Config"),
        ("storage: ${NOWHERE}", "line 1: storage: the environment has no NOWHERE, and there is no default"),
        ("request_timeout: 2026-99-99", "line 1: request_timeout: not readable: month must be in 1..12"),
        ("rules: {like: 5}", "line 1: rules.like: Input should be a valid dictionary or instance of StandingRule"),
        ("a: [1", "line 1: not YAML: expected ',' or ']', but got '<stream end>'"),
        ("cache:\n  notifications: 5", "line 2: cache.notifications: this is cache.feeds now, a size in bytes"),
        ("cache: {shown: 100}", "line 1: cache.shown: this is cache.views now, a size in bytes such as 128 MiB"),
        ("cache: {cursors: 100000}", "line 1: cache.cursors: a size in bytes with its unit, such as 256 MiB, or 0"),
        ("cache: {feeds: '-5'}", "line 1: cache.feeds: could not parse value and unit from byte string"),
        ("a: b: c", "line 1: not YAML: mapping values are not allowed here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    assert any(reason.startswith(told) for reason in reasons(text))


def test_an_empty_variable_counts_as_unset() -> None:
    assert parse_config("server: {host: '${HOST:-localhost}'}", {"HOST": ""}).server.host == "localhost"


def test_a_doubled_dollar_is_a_plain_one() -> None:
    assert parse_config("embedded: {path: '$${HOME}/x'}", {}).embedded.path == "${HOME}/x"


def test_a_quoted_variable_stays_text() -> None:
    assert "valid integer" in reasons("server: {port: '${PORT}'}", PORT="80")[0]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_can_not_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "config.yml").write_bytes(content)
    with pytest.raises(ConfigError, match="can't be read"):
        load_config(tmp_path / "config.yml", {})
