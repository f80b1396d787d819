"""The words of the what-if in Japanese and English."""

import tomllib
from functools import cache
from importlib import resources

from machi.report.numerals import Speech

LANGS = ("ja", "en")  # in the order of the page, the first one shown first


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def words_of(lang: str) -> dict[str, str]:
    """All sentences of one language by key."""
    return _words()[lang]


def speech_of(lang: str) -> Speech:
    """How a language joins figures."""
    return Speech(words_of(lang)["between"], words_of(lang)["percent"])
