from hypothesis import given
from hypothesis import strategies as st

from fleet.remote import textlines


@given(st.text(alphabet="ab\n\r\x0c\x1c\x85\u2028"))
def test_what_is_joined_again_is_what_was_split(text):
    assert "".join(textlines.with_ends(text)) == text
    joined = "".join(line + "\n" for line in textlines.split(text))
    assert joined == (text if text.endswith("\n") or not text else text + "\n")
    assert all("\n" not in line for line in textlines.split(text))
