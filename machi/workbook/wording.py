"""The workbook's words in a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def words(lang: str) -> Mapping[str, str]:
    """The words in a language (ja or en) by key."""
    text = resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)[lang])


def pick(lang: str, ja: str, en: str) -> str:
    """A name in the language, in the other one where it has none."""
    return (ja or en) if lang == "ja" else (en or ja)
