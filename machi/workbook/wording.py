"""The workbook's words in a language."""

from collections.abc import Mapping

from machi.words import room_words


def words(lang: str) -> Mapping[str, str]:
    """The words in a language (ja or en) by key."""
    return room_words(__package__)[lang]


def pick(lang: str, ja: str, en: str) -> str:
    """A name in the language, in the other one where it has none."""
    return (ja or en) if lang == "ja" else (en or ja)
