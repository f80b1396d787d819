"""Answers to questions: an option's, else the reader's own, else the default; a wrong one is said and asked again."""

import math
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

import typer

from abm.errors import InputError
from machi.console import Screen
from machi.places import suggestion
from machi.words import room_words

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
ARMS = ("none", "all")  # names that every experiment has already
Answer = TypeVar("Answer")
Figure = TypeVar("Figure", int, float)


def sentence(lang: str, key: str, /, **values: object) -> str:
    """A sentence with its values; `lang` is ja or en."""
    return str(room_words(__package__)[lang][key].format(**values))


class Answers:
    """Asks one question after another on a screen; with `defaults_only` it asks none and takes defaults."""

    def __init__(self, screen: Screen, defaults_only: bool) -> None:
        self.screen = screen
        self.defaults_only = defaults_only

    def say(self, key: str, /, **values: object) -> None:
        """Print what a reader should know before answering."""
        if not self.defaults_only:
            self.screen.out.print(sentence(self.screen.lang, key, **values), markup=False)

    def ask(
        self,
        option: str,
        given: str | None,
        question: str,
        read: Callable[[str], Answer],
        default: str | None = None,
        **values: object,
    ) -> Answer:
        """The answer to one question (InputError where an option's is wrong, or there is none).

        `read` makes the answer of a text and raises InputError for one that it cannot use.
        """
        if given is None and self.defaults_only:
            if default is None:
                raise InputError(f"{option}: it has no default; give {option}, or leave --yes out and answer.")
            given = default
        if given is not None:
            try:
                return read(given.strip())
            except InputError as error:
                raise InputError(f"{option}: {error}") from error
        while True:
            text = _prompted(option, sentence(self.screen.lang, question, **values), default)
            try:
                return read(text.strip())
            except InputError as error:
                self.screen.side.print(str(error), markup=False)

    def more(self, question: str) -> bool:
        """Whether the reader wants another one; no without questions."""
        if self.defaults_only:
            return False
        return self.ask("--yes", None, question, read_yes, "n")


def _prompted(option: str, question: str, default: str | None) -> str:
    """One answer from the keyboard; InputError where there is none to wait for (Ctrl-C ends the command)."""
    try:
        return str(typer.prompt(question, default=default, show_default=bool(default)))
    except typer.Abort as error:
        if isinstance(error.__context__, EOFError):
            raise InputError(f"{option}: nobody answers; give {option}, or --yes to take every default.") from error
        raise


def read_text(text: str) -> str:
    """A text on one line (InputError for an empty one, or characters that cannot be seen)."""
    if not text:
        raise InputError("the answer is empty; write something.")
    if not text.replace("\u3000", " ").isprintable():  # names are written with the full-width space
        raise InputError("the answer holds characters that cannot be seen; leave them out.")
    return text


def read_any_text(text: str) -> str:
    """A text on one line that may be empty."""
    return read_text(text) if text else ""


def read_key(text: str) -> str:
    """A key that can be a file's name and an arm's (InputError otherwise)."""
    if not KEY.fullmatch(text) or text.lower() in ARMS:
        raise InputError(f"`{read_any_text(text)}` is no key; write a letter, then letters, digits or _, as in P13.")
    return text


def read_number(text: str) -> float:
    """A finite number (InputError otherwise)."""
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"`{read_any_text(text)}` is no number; write it like 12.5.")
    return value


def read_positive(text: str) -> float:
    """A number above 0 (InputError otherwise)."""
    value = read_number(text)
    if value <= 0.0:
        raise InputError(f"{value:g} is not above 0; give a larger number.")
    return value


def read_count(text: str) -> int:
    """A whole number, of years or a year (InputError otherwise)."""
    value = read_number(text)
    if value < 0 or value != int(value):
        raise InputError(f"{value:g} is no whole number from 0; write it like 2026.")
    return int(value)


def at_least(bound: Figure, read: Callable[[str], Figure]) -> Callable[[str], Figure]:
    """A reader of a number that is not below another one (InputError otherwise)."""

    def read_above(text: str) -> Figure:
        value = read(text)
        if value < bound:
            raise InputError(f"{value:g} is below {bound:g}, which was answered before; give as much or more.")
        return value

    return read_above


def read_yes(text: str) -> bool:
    """Yes or no, in either language (InputError otherwise)."""
    if text.lower() in ("y", "yes", "はい"):
        return True
    if text.lower() in ("n", "no", "いいえ"):
        return False
    raise InputError("write y or n.")


def one_of(known: Iterable[str]) -> Callable[[str], str]:
    """A reader of one of a few words (InputError for another, with the nearest)."""
    words = list(known)

    def read(text: str) -> str:
        if text not in words:
            raise InputError(f"there is no `{read_any_text(text)}`; {suggestion(text, words)}")
        return text

    return read


def several_of(known: Iterable[str]) -> Callable[[str], list[str]]:
    """A reader of a few words out of some, parted by spaces or commas, each once (InputError otherwise)."""
    read = one_of(known)

    def read_all(text: str) -> list[str]:
        words = list(dict.fromkeys(read(word) for word in re.split(r"[\s,、，]+", text) if word))
        if not words:
            raise InputError("the answer is empty; name one or more.")
        return words

    return read_all
