"""Which error is about the node, the cluster or the request."""

import pytest

from notification.riak.errors import Blame, RiakUnavailable, SecurityError, error_response
from tests.riak.recorded import steps

BLAMED = [
    ("Unknown message code: 9", Blame.NODE),
    ("timeout", Blame.NODE),
    ("{error,timeout}", Blame.NODE),
    ("overload", Blame.NODE),
    ("mailbox_overload", Blame.NODE),
    ("all_nodes_down", Blame.NODE),
    ("{nodedown,'riak2@127.0.0.1'}", Blame.NODE),
    ("{{nodedown,'riak2@127.0.0.1'},{gen_server,call,[]}}", Blame.NODE),
    ("Error processing incoming message: exit:{timeout,{gen_server,call,[]}}", Blame.NODE),
    ("Error processing incoming message: exit:{noproc,{gen_server,call,[]}}", Blame.NODE),
    ("{insufficient_vnodes,1,need,2}", Blame.CLUSTER),
    ("{pw_val_unsatisfied,3,1}", Blame.CLUSTER),
    ("{pr_val_unsatisfied,3,1}", Blame.CLUSTER),
    ("{w_val_unsatisfied,2,2,1,1}", Blame.CLUSTER),
    ("{dw_val_unsatisfied,2,1}", Blame.CLUSTER),
    ("{r_val_unsatisfied,2,1}", Blame.CLUSTER),
    ("too_many_fails", Blame.CLUSTER),
    ("{coord_handoff_failed,timeout}", Blame.CLUSTER),
    ("no_type", Blame.REQUEST),
    ("{n_val_violation,3}", Blame.REQUEST),
    ("{r_val_violation,foo}", Blame.REQUEST),
    ("match_found", Blame.REQUEST),
    ("modified", Blame.REQUEST),
    ("Key cannot be zero-length", Blame.REQUEST),
    ('Invalid bucket type: <<"nope">>', Blame.REQUEST),
    ("No bucket-type named 'nope'", Blame.REQUEST),
    ("Permission denied: User 'x' does not have 'riak_kv.get' on default", Blame.REQUEST),
    ("Security is enabled, please STARTTLS first", Blame.REQUEST),
    ("Authentication failed", Blame.REQUEST),
    ('{precommit_fail,<<"timeout">>}', Blame.UNKNOWN),
    ('Error processing incoming message: error:{badarg,<<"timeout">>}', Blame.UNKNOWN),
    ("", Blame.UNKNOWN),
]


@pytest.mark.parametrize(("text", "blame"), BLAMED)
def test_an_error_is_about(text: str, blame: Blame) -> None:
    assert error_response(text, 0).blame is blame


def test_every_recorded_error_but_the_report_of_a_crash_is_listed() -> None:
    texts = [error.fields["errmsg"] for step in steps() for error in step.responses if error.name == "RpbErrorResp"]
    unlisted = [text for text in texts if isinstance(text, str) and error_response(text, 0).blame is Blame.UNKNOWN]
    assert (len(texts) > 5, unlisted) == (True, [])


def test_a_security_error_says_what_to_configure() -> None:
    error = error_response("Security is enabled, please STARTTLS first", 0)
    assert isinstance(error, SecurityError)
    assert "no user and password are configured" in str(error)


def test_unavailable_names_each_node_and_its_reason() -> None:
    assert str(RiakUnavailable({"a:1": "refused", "b:2": "timeout"})) == "a:1: refused; b:2: timeout"
