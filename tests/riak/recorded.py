"""What a real cluster said, step by step: the files in `recordings`, ready to be compared with."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.message import Message

from notification.riak import riak_pb2
from notification.riak.messages import Code

_CODES = {
    "RpbErrorResp": Code.ERROR_RESP,
    "RpbPingReq": Code.PING_REQ,
    "RpbPingResp": Code.PING_RESP,
    "RpbGetServerInfoReq": Code.GET_SERVER_INFO_REQ,
    "RpbGetServerInfoResp": Code.GET_SERVER_INFO_RESP,
    "RpbGetReq": Code.GET_REQ,
    "RpbGetResp": Code.GET_RESP,
    "RpbPutReq": Code.PUT_REQ,
    "RpbPutResp": Code.PUT_RESP,
    "RpbDelReq": Code.DEL_REQ,
    "RpbDelResp": Code.DEL_RESP,
    "RpbListKeysReq": Code.LIST_KEYS_REQ,
    "RpbListKeysResp": Code.LIST_KEYS_RESP,
    "RpbGetBucketReq": Code.GET_BUCKET_REQ,
    "RpbGetBucketResp": Code.GET_BUCKET_RESP,
    "RpbSetBucketReq": Code.SET_BUCKET_REQ,
    "RpbSetBucketResp": Code.SET_BUCKET_RESP,
    "RpbGetBucketTypeReq": Code.GET_BUCKET_TYPE_REQ,
    "code 255": Code.START_TLS,
}


class Recorded(NamedTuple):
    """One message: what it is called, its fields, its bytes with length and code."""

    name: str
    fields: Mapping[str, Any]
    data: bytes

    @property
    def code(self) -> int:
        """The message's code; an unknown one is in its name."""
        return _CODES[self.name] if self.name in _CODES else int(self.name.removeprefix("code "))

    @property
    def kind(self) -> type[Message] | None:
        """The class that reads its body; None for a message without one."""
        kind: type[Message] | None = getattr(riak_pb2, self.name, None)
        return kind


class Step(NamedTuple):
    """A request to a node, and the responses to it."""

    scenario: str
    node: int
    request: Recorded
    responses: tuple[Recorded, ...]


def steps(scenario: str | None = None) -> list[Step]:
    """Every recorded step, or those of one scenario."""
    return [step for step in _all_steps() if scenario in (None, step.scenario)]


def _all_steps() -> Iterator[Step]:
    for path in sorted((Path(__file__).parent / "recordings").glob("*.json")):
        for name, scenario in json.loads(path.read_text())["scenarios"].items():
            for step in scenario["steps"]:
                yield _step(name, step)


def _step(scenario: str, step: Mapping[str, Any]) -> Step:
    request = _recorded(step["request"], step["request_hex"])
    return Step(scenario, step["node"], request, tuple(_recorded(each, each["hex"]) for each in step["responses"]))


def _recorded(message: Mapping[str, Any], data: str) -> Recorded:
    return Recorded(message["message"], message["fields"], bytes.fromhex(data))


def known(kind: type[Message], fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` as keyword arguments for `kind`: text as bytes, messages as dictionaries, what it has not left out."""
    described = kind.DESCRIPTOR.fields_by_name
    return {name: _value(described[name], value) for name, value in fields.items() if name in described}


def _value(field: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_value(field, each) for each in value]
    if field.message_type is not None:
        return known(field.message_type._concrete_class, value)
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode() if isinstance(value, str) else value
