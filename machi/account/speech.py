"""The words in which a result is spoken of, in one language."""

import json
from typing import Any, NamedTuple

from machi.words import room_words

LONGEST = 80  # characters of a value before it is cut: a list of packages or a title still fits


def sentence(lang: str, key: str, /, **values: object) -> str:
    """A sentence with its values; `lang` is ja or en."""
    return str(room_words(__package__)[lang][key].format(**values))


class Voice(NamedTuple):
    """A language, and what the two results are called in it."""

    lang: str
    one: str = "A"
    other: str = "B"

    def say(self, key: str, /, **values: object) -> str:
        """A sentence on the two results."""
        return sentence(self.lang, key, one=self.one, other=self.other, **values)


def shown(value: Any, lang: str | None = None) -> str:
    """A value of a manifest as a reader sees it."""
    if isinstance(value, dict) and lang is not None:  # a record is known by its name
        value = value.get(f"name_{lang}") or value.get("statistic_ja" if lang == "ja" else "statistic") or value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
