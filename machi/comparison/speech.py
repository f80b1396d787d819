"""The words of pages that compare, and figures as cells and pictures show them."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from machi.comparison.asked import Asked
from machi.comparison.drawing import Form
from machi.comparison.pairing import Difference
from machi.report.numerals import Speech, decimals, tens
from machi.report.numerals import signed_decimals as decimals_with_sign
from machi.report.tables import Cell, figure
from machi.words import room_words

KINDS = ("s0", "s1", "s2", "s3")  # how the first, second, third and fourth are drawn


class Voice(NamedTuple):
    """One language: its words, how it joins figures, and the form of an effect."""

    lang: str
    words: dict[str, Any]
    form: Form = tens

    @property
    def speech(self) -> Speech:
        """How figures are joined."""
        return Speech(self.words["between"], self.words["percent"])

    def say(self, key: str, /, **values: object) -> str:
        """A sentence with its values."""
        return str(self.words[key].format(**values))

    def listed(self, texts: Sequence[str]) -> str:
        """Texts in a row."""
        return str(self.words["joint"].join(texts))

    def cell(self, one: Difference) -> Cell:
        """A difference with its interval; the exact figure beside it."""
        interval = self.speech.range(one.low, one.high, self.form)
        return figure(one.value, self.form, f"[{interval}]" if math.isfinite(one.low) else "")


def all_words(file: str) -> dict[str, dict[str, Any]]:
    """The words of a file of this room by language."""
    return room_words(__package__, file)


def signed_decimals(value: float) -> str:
    """A rate's difference with two decimals and its sign."""
    return decimals_with_sign(value, 2)


def one_decimal(value: float) -> str:
    """A rate with one decimal."""
    return decimals(value, 1)


def whole(value: float) -> str:
    """A count on an axis."""
    text = f"{value:,.0f}".replace("-", "−")
    return "0" if text == "−0" else text


def plain(value: float) -> str:
    """A year, or a rate on an axis: as few digits as it needs."""
    return f"{value:g}".replace("-", "−")


def called(one: Asked, voice: Voice) -> str:
    """A result's letter, title and name: two results may have the same title."""
    return voice.say("letter", letter=one.letter, name=one.name(voice.lang), folder=one.folder.name)


def legend(asked: Sequence[Asked], voice: Voice) -> list[tuple[str, str]]:
    """How each result is drawn, and what it is."""
    return [(kind, called(one, voice)) for kind, one in zip(KINDS, asked, strict=False)]
