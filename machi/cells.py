"""Text for cells of a spreadsheet: what a spreadsheet would carry out, or cannot hold, is made harmless.

A cell that begins with = + - @ (also in full width), or with blanks before one of these, is taken for a
formula by Excel and LibreOffice, from a CSV file and again when a workbook is saved as one. See OWASP, CSV Injection.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

QUOTE = "'"  # a cell that begins with it is text
_FORMULA = re.compile(r"[\s\ufeff\u200b-\u200f\u2060]*[=+\-@＝＋－＠]")  # behind blanks, also those without width
_NUMBER = re.compile(r"[+-]?(\d+(,\d{3})*(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s?%?", re.ASCII)
# C0 and C1 controls, surrogates without a partner, and the two codes that are no characters: XML holds none of these.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"[\t\r\n]+")
REPLACEMENT = "\ufffd"


def harmless(text: str) -> str:
    """The text as a cell may hold it; numbers stay as they are, doing it twice changes nothing more.

    Control characters become U+FFFD, tabs and line ends a space, and a quote goes before what would be a formula.
    """
    plain = _LINE_END.sub(" ", _UNSEEN.sub(REPLACEMENT, text))
    if _NUMBER.fullmatch(plain) or not _FORMULA.match(plain):
        return plain
    return QUOTE + plain


def harmless_cell(value: object) -> object:
    """A value of any kind: text made harmless, all else as it is."""
    return harmless(value) if isinstance(value, str) else value


def harmless_table(table: "pd.DataFrame", among: Iterable[str] | None = None) -> "pd.DataFrame":
    """A table with the text of its cells and its headings made harmless (`among`: of these columns only)."""
    chosen = [name for name in (table.columns if among is None else among) if table[name].dtype.kind not in "iufb"]
    mended = table.assign(**{str(name): table[name].map(harmless_cell) for name in chosen})
    return mended.rename(columns=lambda name: harmless(str(name)))
