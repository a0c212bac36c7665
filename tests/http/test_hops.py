"""The number of functions through which a request passes between the handler and the store is bounded."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tests.http.conftest import Client
from tests.service_process import ROOT

USERNAME = "traced-user"
PATH = f"/v1/notifications/{USERNAME}"
OURS = (str(ROOT / "notification"), str(ROOT / "siblings"))


class Hops:
    """Return the functions of the product that were called with the username as an argument."""

    def __init__(self) -> None:
        self.functions: set[tuple[str, str]] = set()

    @property
    def modules(self) -> set[str]:
        return {module for module, _ in self.functions}

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS):
            arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            if USERNAME in [frame.f_locals.get(name) for name in arguments if name != "request"]:
                self.functions.add((str(Path(code.co_filename).relative_to(ROOT)), code.co_qualname))


@contextmanager
def traced() -> Iterator[Hops]:
    hops, before = Hops(), sys.getprofile()
    sys.setprofile(hops.note)
    try:
        yield hops
    finally:
        sys.setprofile(before)


async def hops_of(call: Callable[[], Awaitable[Any]]) -> Hops:
    with traced() as hops:
        await call()
    return hops


async def test_a_repeated_get_passes_through_at_most_ten_functions_in_six_modules(client: Client) -> None:
    await client.call("POST", PATH, 201, json={"category": "like", "message": "one"})
    for _ in range(2):
        await client.call("GET", PATH, 200)
    hops = await hops_of(lambda: client.call("GET", PATH, 200))
    assert "Bucket.read" in {name for _, name in hops.functions}
    assert (len(hops.functions) <= 10, len(hops.modules) <= 6) == (True, True), "\n".join(
        map(str, sorted(hops.functions))
    )


async def test_a_post_passes_through_at_most_sixteen_functions_in_eight_modules(client: Client) -> None:
    body = {"category": "like", "message": "one"}
    await client.call("POST", PATH, 201, json=body)
    hops = await hops_of(lambda: client.call("POST", PATH, 201, json=body))
    assert "Bucket.update" in {name for _, name in hops.functions}
    assert (len(hops.functions) <= 16, len(hops.modules) <= 8) == (True, True), "\n".join(
        map(str, sorted(hops.functions))
    )
