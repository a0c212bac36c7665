"""Checks of configuration values against each other, and of the files that they name.

The checks read the document, not the validated configuration, so that their errors are reported with all others.
"""

from operator import attrgetter
from pathlib import Path as File
from typing import Any, Final

from notification.riak.options import SecurityCreds
from notification.runtime.config_values import seconds
from notification.runtime.yaml_document import Document, Path

CACERT: Final[Path] = ("riak", "security", "cacert_file")
DATABASE: Final[Path] = ("embedded", "path")
ATTEMPT: Final[Path] = ("riak", "request_timeout")
WITHIN: Final[tuple[tuple[Path, Path], ...]] = (
    (("riak", "deadline"), ("request_timeout",)),
    (ATTEMPT, ("riak", "deadline")),
)
"""Pairs of timeouts. The first must not exceed the second, because the second would always pass before the first."""


def check_timeouts(document: Document, defaults: object) -> None:
    """Add an error for each timeout that is longer than the one that contains it.

    `defaults`: a configuration with the default values. Each of Riak's timeouts is checked if the file sets it. The
    default of `riak.deadline` is also checked if the storage is Riak. The default of `riak.request_timeout` may exceed
    the deadline, because the deadline then ends the only attempt.
    """
    is_riak = _at(document.data, ("storage",)) == "riak"
    for inner, outer in WITHIN:
        shorter, longer = _seconds_at(document, inner, defaults), _seconds_at(document, outer, defaults)
        if shorter is None or longer is None or shorter <= longer:
            continue
        if inner in document.lines:
            document.add_error(inner, f"must not exceed {_name(outer)}, {longer:g} seconds")
        elif is_riak and inner != ATTEMPT:
            document.add_error(outer, f"must not be below {_name(inner)}, {shorter:g} seconds")


def check_files(document: Document) -> None:
    """Add an error for each file that can't be used."""
    authority, database = _at(document.data, CACERT), _at(document.data, DATABASE)
    if isinstance(authority, str):
        try:
            SecurityCreds(username="", password="", cacert_file=authority).tls_context()  # only reads the file
        except (OSError, ValueError) as error:
            document.add_error(CACERT, f"can't be read as certificates in PEM format: {error}")
    if isinstance(database, str) and "\0" in database:
        document.add_error(DATABASE, "has a character that file names can't contain")
    elif isinstance(database, str) and database:
        _check_database(document, File(database))


def _check_database(document: Document, file: File) -> None:
    try:
        if file.is_dir():
            document.add_error(DATABASE, "is a folder; give a file in it, such as notification.db")
            return
        above = next((folder for folder in file.parents if folder.exists()), None)
        if above is not None and not above.is_dir():
            document.add_error(DATABASE, f"{above} is not a folder")
    except OSError as error:  # the name is too long, or there is no permission to read the folder
        document.add_error(DATABASE, f"can't be used: {error}")


def _seconds_at(document: Document, path: Path, defaults: object) -> float | None:
    """Return the timeout at a path, or `None` if the value is not a duration. Another check reports that error."""
    if path not in document.lines:
        return float(attrgetter(_name(path))(defaults))
    try:
        return seconds(_at(document.data, path))
    except ValueError:
        return None


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _name(path: Path) -> str:
    return ".".join(map(str, path))
