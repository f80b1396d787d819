"""The words of the what-if in Japanese and English."""

from machi.report.numerals import Speech
from machi.words import room_words

LANGS = ("ja", "en")  # in the order of the page, the first one shown first


def words_of(lang: str) -> dict[str, str]:
    """All sentences of one language by key."""
    return room_words(__package__)[lang]


def speech_of(lang: str) -> Speech:
    """How a language joins figures."""
    return Speech(words_of(lang)["between"], words_of(lang)["percent"])
