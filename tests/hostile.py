"""Texts that mean something to some language, to a terminal, or to a reader's eye."""

from hypothesis import strategies as st

PARTS = (
    "", "'", '"', "''", '""', "\u2018", "\u2019", "\u201a", "\u201b", "\u201c", "\u201d", "\u201e", "%PATH%", "$(calc)", "`n", "${x}", "@'", "'@",
    "\n", "\r\n", "\x85", "\u2028", "\0", "\x1b[2J", "\x07", "\u202e", "\u200f", "\ufeff", "\ud800", "\udfff", "\udc80", "\U0001f4ee", "_", " _",
    " & ", '" & WScript.Quit & "', "'; exit; '", "ChrW(65)", "[char]65", "' + 'x", "<#", "#>", "#", "' x", "Rem", ":", "\\", "\\u0041", "é", "{{ 7 }}",
)  # fmt: skip

texts = st.one_of(
    st.lists(st.sampled_from(PARTS), max_size=8).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=30),
)
