"""What a command shows in a terminal: tables, progress and sentences that survive any encoding."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any, Literal, TextIO

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from machi.words import words

WIDTH_OF_FILE = 160  # columns of a table that goes to a file or a pipe
LOOKS = 2  # a second at which progress is drawn: each takes a millisecond from the runs

Advance = Callable[[float], None]


def forgiving(stream: TextIO) -> TextIO:
    """The stream, told to print a substitute for what its encoding cannot hold (cp932, ASCII)."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    return stream


class Screen:
    """The two consoles of a command (results to stdout, progress to stderr) and the language they speak."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        width = None if sys.stdout.isatty() else WIDTH_OF_FILE
        self.out = Console(file=forgiving(sys.stdout), highlight=False, soft_wrap=True, width=width)
        self.side = Console(file=forgiving(sys.stderr), highlight=False, soft_wrap=True)

    def word(self, key: str, **values: object) -> str:
        """A sentence in the user's language."""
        return words(key, self.lang, **values)

    def say(self, key: str, **values: object) -> None:
        """Print a sentence to stdout."""
        self.out.print(Text(self.word(key, **values)))

    def note(self, key: str, **values: object) -> None:
        """Print a sentence to stderr."""
        self.side.print(Text(self.word(key, **values)))

    def named(self, ja: str, en: str) -> str:
        """A name in the user's language."""
        return ja if self.lang == "ja" else en

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table; columns whose fields are all figures stand to the right."""
        wide = str(self.out.encoding).lower().startswith("utf")
        self.out.print(Text(title))
        shown = Table(box=box.SIMPLE_HEAD if wide else box.ASCII)
        for number, name in enumerate(columns):
            fields = [row[number] for row in rows]
            figures = bool(fields) and all(isinstance(field, int | float) for field in fields)
            side: Literal["left", "right"] = "right" if figures else "left"
            shown.add_column(name, justify=side, no_wrap=number == 0, overflow="fold")
        for row in rows:
            shown.add_row(*(Text(field_text(field)) for field in row))
        self.out.print(shown, soft_wrap=False)

    def records(self, title: str, records: Sequence[Any]) -> None:
        """Print records (named tuples, dataclasses or dicts) as a table of their fields."""
        tables = [_as_dict(record) for record in records]
        other = "_en" if self.lang == "ja" else "_ja"
        columns = [column for column in (tables[0] if tables else {}) if not column.endswith(other)]
        self.table(title, columns, [[table[column] for column in columns] for table in tables])

    @contextmanager
    def progress(self, runs: int, seconds: float) -> Iterator[Advance]:
        """A bar with runs done and time left; call what it gives with a run's expected seconds."""
        done = 0
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(),
            TextColumn("{task.fields[done]}/{task.fields[runs]}"),
            TimeRemainingColumn(), TextColumn(self.word("left")), console=self.side, refresh_per_second=LOOKS,
        )  # fmt: skip
        with bar:
            task = bar.add_task(self.word("running"), total=seconds, runs=runs, done=0)

            def advance(worth: float) -> None:
                nonlocal done
                done += 1
                bar.update(task, advance=worth, done=done)

            yield advance


def _as_dict(record: Any) -> dict[str, Any]:
    if is_dataclass(record) and not isinstance(record, type):
        return asdict(record)
    return dict(record._asdict()) if hasattr(record, "_asdict") else dict(record)


def field_text(field: object) -> str:
    """A field of a table as text: figures rounded to what can be read."""
    if isinstance(field, float):
        return f"{field:,.0f}" if abs(field) >= 1000 else f"{field:.4g}"
    if isinstance(field, tuple | list):
        return ", ".join(str(part) for part in field)
    return str(field)
