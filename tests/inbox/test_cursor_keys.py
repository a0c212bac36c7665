"""The keys of cursors: no two cursors share one."""

from hypothesis import assume, given
from hypothesis import strategies as st

from notification.domain.drafts import check_username, is_username
from notification.services.cursors import cursor_key

names = st.text("ab-é\u0301 %", min_size=1, max_size=6) | st.text(min_size=1, max_size=20)
cursors = st.text("ab.:", min_size=1, max_size=4)


@given(username=names, cursor=cursors)
def test_a_key_names_its_user_and_its_cursor_again(username: str, cursor: str) -> None:
    assume(is_username(username))
    stored = check_username(username)
    assert tuple(cursor_key(stored, cursor).encode().decode().rpartition("-")[::2]) == (stored, cursor)
