"""A page that compares: sections of text, tables and pictures in each language, in the frame of a result's page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from machi.comparison.drawing import Drawn, swatch
from machi.report.page import document
from machi.report.tables import Table
from machi.store import make_folder, written

LANGS = ("ja", "en")


class Text(NamedTuple):
    """A paragraph; `kind` is that of the style sheet (note, warning)."""

    words: str
    kind: str = ""
    part: str = "text"


class Points(NamedTuple):
    """A list of sentences, with a heading where it has one, folded under a summary where it is long."""

    sentences: Sequence[str]
    heading: str = ""
    fold: str = ""
    part: str = "points"


class Tabled(NamedTuple):
    """A table."""

    table: Table
    part: str = "table"


class Figure(NamedTuple):
    """Pictures beside each other under one legend (kind, name), with caption and note."""

    pictures: Sequence[Drawn]
    caption: str
    legend: Sequence[tuple[str, str]] = ()
    note: str = ""
    part: str = "figure"
    dotted: bool = False  # whether the legend shows points, not lines

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The legend with its swatches."""
        return [(swatch(kind, self.dotted), name) for kind, name in self.legend]


Part = Text | Points | Tabled | Figure


class Section(NamedTuple):
    """A headed part of the story; the first ones of a page may be boxed."""

    title: str
    parts: Sequence[Part]
    boxed: bool = False


class Edition(NamedTuple):
    """Everything that the template prints in one language."""

    lang: str
    other: str | None
    words: dict[str, Any]
    title: str
    subtitle: str
    headline: Sequence[str]
    sections: Sequence[Section]


def write_page(path: Path, editions: Sequence[Edition]) -> None:
    """Write the page as one file that asks for nothing (InputError where it cannot be written)."""
    text = document("comparison.html.j2", editions, ["comparison.css"], room=__package__)
    make_folder(path.parent)
    with written(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def tables_of(edition: Edition) -> list[Table]:
    """The tables of an edition in their order."""
    return [part.table for section in edition.sections for part in section.parts if isinstance(part, Tabled)]
