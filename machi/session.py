"""What holds for every command of one call: the language, the workspace and the stream that were asked for."""

from pathlib import Path
from typing import TYPE_CHECKING

from abm.generator import choose, generator
from machi.places import Places, find_places
from machi.words import language

if TYPE_CHECKING:
    from machi.console import Screen

_asked: dict[str, str | Path | None] = {"lang": None, "workspace": None}


def begin(lang: str | None, workspace: Path | None, stream: str | None = None) -> None:
    """Keep what was asked for on the command line; InputError for a language or a stream that there is not."""
    _asked.update(lang=lang, workspace=workspace)
    language(lang)
    if stream is not None:
        choose(stream)
    generator()


def asked_language() -> str | None:
    """The language of `--lang`, None without it."""
    lang = _asked["lang"]
    return None if lang is None else str(lang)


def asked_places() -> Places:
    """Where this call looks for towns, packages, experiments and results."""
    folder = _asked["workspace"]
    return find_places(None if folder is None else Path(folder))


def asked_screen() -> "Screen":
    """The screen of this call, in its language."""
    from machi.console import Screen

    return Screen(language(asked_language()))
