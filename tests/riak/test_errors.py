"""Which errors another node can cure."""

import pytest

from notification.riak.errors import RetryScope, RiakUnavailable, SecurityError, error_response
from tests.riak.recorded import steps

SCOPES = [
    ("Unknown message code: 9", RetryScope.NODE),
    ("timeout", RetryScope.NODE),
    ("{error,timeout}", RetryScope.NODE),
    ("overload", RetryScope.NODE),
    ("mailbox_overload", RetryScope.NODE),
    ("all_nodes_down", RetryScope.NODE),
    ("{nodedown,'riak2@127.0.0.1'}", RetryScope.NODE),
    ("{{nodedown,'riak2@127.0.0.1'},{gen_server,call,[]}}", RetryScope.NODE),
    ("Error processing incoming message: exit:{timeout,{gen_server,call,[]}}", RetryScope.NODE),
    ("Error processing incoming message: exit:{noproc,{gen_server,call,[]}}", RetryScope.NODE),
    ("{insufficient_vnodes,1,need,2}", RetryScope.CLUSTER),
    ("{pw_val_unsatisfied,3,1}", RetryScope.CLUSTER),
    ("{pr_val_unsatisfied,3,1}", RetryScope.CLUSTER),
    ("{w_val_unsatisfied,2,2,1,1}", RetryScope.CLUSTER),
    ("{dw_val_unsatisfied,2,1}", RetryScope.CLUSTER),
    ("{r_val_unsatisfied,2,1}", RetryScope.CLUSTER),
    ("too_many_fails", RetryScope.CLUSTER),
    ("{coord_handoff_failed,timeout}", RetryScope.CLUSTER),
    ("no_type", RetryScope.REQUEST),
    ("{n_val_violation,3}", RetryScope.REQUEST),
    ("{r_val_violation,foo}", RetryScope.REQUEST),
    ("match_found", RetryScope.REQUEST),
    ("modified", RetryScope.REQUEST),
    ("Key cannot be zero-length", RetryScope.REQUEST),
    ('Invalid bucket type: <<"nope">>', RetryScope.REQUEST),
    ("No bucket-type named 'nope'", RetryScope.REQUEST),
    ("Permission denied: User 'x' does not have 'riak_kv.get' on default", RetryScope.REQUEST),
    ("Security is enabled, please STARTTLS first", RetryScope.REQUEST),
    ("Authentication failed", RetryScope.REQUEST),
    ('{precommit_fail,<<"timeout">>}', RetryScope.UNKNOWN),
    ('Error processing incoming message: error:{badarg,<<"timeout">>}', RetryScope.UNKNOWN),
    ("", RetryScope.UNKNOWN),
]


@pytest.mark.parametrize(("text", "scope"), SCOPES)
def test_an_error_has_its_retry_scope(text: str, scope: RetryScope) -> None:
    assert error_response(text, 0).retry_scope is scope


def test_every_recorded_error_but_the_report_of_a_crash_is_listed() -> None:
    texts = [error.fields["errmsg"] for step in steps() for error in step.responses if error.name == "RpbErrorResp"]
    unlisted = [
        text for text in texts if isinstance(text, str) and error_response(text, 0).retry_scope is RetryScope.UNKNOWN
    ]
    assert (len(texts) > 5, unlisted) == (True, [])


def test_a_security_error_says_what_to_configure() -> None:
    error = error_response("Security is enabled, please STARTTLS first", 0)
    assert isinstance(error, SecurityError)
    assert "no user and password are configured" in str(error)


def test_unavailable_names_each_node_and_its_reason() -> None:
    assert str(RiakUnavailable({"a:1": "refused", "b:2": "timeout"})) == "a:1: refused; b:2: timeout"
