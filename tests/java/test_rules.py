"""The rules of the Java service as a Riak client reads them, and those that this service can't apply."""

from notification.riak import riak_pb2 as pb
from notification.riak.errors import NoBucketType, RetryScope, error_response
from notification.riak.objects import RiakMap
from notification.storage.java.rules import BUCKET, BUCKET_TYPE, KEY, read_rules
from tests.java.recorded import SHOWN_RULES, rules, rules_request

REGISTER, COUNTER, MAP = 3, 1, 5


def test_recorded_rules_are_what_the_java_service_showed() -> None:
    found = read_rules(RiakMap.read(rules()).maps)
    shown = {
        name: {
            **({"max_size": rule.max_size} if rule.max_size else {}),
            **({"max_duration": str(rule.max_duration)} if rule.max_duration else {}),
            **({"match_on": rule.match_on} if rule.match_on else {}),
        }
        for name, rule in found.rules.items()
    }
    assert (shown, found.refused) == (SHOWN_RULES, [])


def test_an_absent_key_is_an_empty_map() -> None:
    assert RiakMap.read(rules("rules_absent")) == RiakMap({}, {})


def test_a_missing_bucket_type_is_an_error_that_no_other_node_can_avoid() -> None:
    reply = pb.RpbErrorResp.FromString(rules("rules_no_type"))
    error = error_response(reply.errmsg.decode(), reply.errcode)
    assert (type(error), error.retry_scope) == (NoBucketType, RetryScope.REQUEST)


def test_the_request_asks_for_the_recorded_key() -> None:
    request = pb.DtFetchReq.FromString(rules_request("rules")[5:])
    assert (request.type.decode(), request.bucket.decode(), request.key.decode()) == (BUCKET_TYPE, BUCKET, KEY)


def test_every_rule_that_can_not_be_applied_is_named_with_its_reasons() -> None:
    found = read_rules(
        {
            b"like": RiakMap({b"max_size": b"many", b"max_duration": b"soon"}, {}),
            b"no": RiakMap({b"max_size": b"3"}, {}),
            b"empty": RiakMap({}, {}),
            b"fine": RiakMap({b"max_size": b"3", b"other": b"field"}, {}),
        }
    )
    assert list(found.rules) == ["fine"]
    assert [line.partition(":")[0] for line in found.refused] == ["empty", "like", "no"]
    assert "max_size" in found.refused[1]
    assert "max_duration" in found.refused[1]


def test_fields_of_other_kinds_are_left_out() -> None:
    count = pb.MapEntry(field=pb.MapField(name=b"count", type=COUNTER))
    text = pb.MapEntry(field=pb.MapField(name=b"text", type=REGISTER), register_value=b"x")
    nested = pb.MapEntry(field=pb.MapField(name=b"map", type=MAP), map_value=[count, text])
    reply = pb.DtFetchResp(type=3, value=pb.DtValue(map_value=[count, nested]))
    assert RiakMap.read(reply.SerializeToString()) == RiakMap({}, {b"map": RiakMap({b"text": b"x"}, {})})
