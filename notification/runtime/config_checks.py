"""What a configuration's values must be beside each other, and beside the files that they name.

The checks read the document, not the checked configuration: they then report their errors together with all others.
"""

from operator import attrgetter
from pathlib import Path as File
from typing import Any, Final

from notification.riak.options import SecurityCreds
from notification.runtime.config_values import seconds
from notification.runtime.yaml_document import Document, Path

CACERT: Final[Path] = ("riak", "security", "cacert_file")
DATABASE: Final[Path] = ("embedded", "path")
WITHIN: Final[tuple[tuple[Path, Path], ...]] = (
    (("riak", "deadline"), ("request_timeout",)),
    (("riak", "request_timeout"), ("riak", "deadline")),
)
"""Pairs of timeouts of which the first must not be above the second: it would never be reached."""


def check_timeouts(document: Document, defaults: object) -> None:
    """Note an error for each timeout that is longer than the one around it. `defaults`: a configuration of them.

    Those of Riak count if the file gives them, or the storage is Riak.
    """
    is_riak = _at(document.data, ("storage",)) == "riak"
    for inner, outer in WITHIN:
        shorter, longer = _seconds_at(document, inner, defaults), _seconds_at(document, outer, defaults)
        if shorter is None or longer is None or shorter <= longer:
            continue
        if inner in document.lines:
            document.complain(inner, f"must not be above {_name(outer)}, {longer:g} seconds")
        elif is_riak:
            document.complain(outer, f"must not be below {_name(inner)}, {shorter:g} seconds")


def check_files(document: Document) -> None:
    """Note an error for each file that can't be used."""
    authority, database = _at(document.data, CACERT), _at(document.data, DATABASE)
    if isinstance(authority, str):
        try:
            SecurityCreds(username="", password="", cacert_file=authority).tls_context()  # only to read it
        except (OSError, ValueError) as error:
            document.complain(CACERT, f"can't be read as certificates in PEM format: {error}")
    if isinstance(database, str) and "\0" in database:
        document.complain(DATABASE, "has a character that no file's name has")
    elif isinstance(database, str) and database:
        _check_database(document, File(database))


def _check_database(document: Document, file: File) -> None:
    try:
        if file.is_dir():
            document.complain(DATABASE, "is a folder; name a file in it, such as notification.db")
            return
        above = next((folder for folder in file.parents if folder.exists()), None)
        if above is not None and not above.is_dir():
            document.complain(DATABASE, f"{above} is not a folder")
    except OSError as error:  # a name that is too long, a folder that is closed to us
        document.complain(DATABASE, f"can't be used: {error}")


def _seconds_at(document: Document, path: Path, defaults: object) -> float | None:
    """The timeout at a path; None where it is no duration, which another error tells."""
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
