"""On which line of a TOML file a field stands: the parser keeps no places, and a planner looks for a line."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

Steps = tuple[str | int, ...]

_TRIPLE = re.compile(r'"""|\'\'\'')
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_FIELD = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(text: str, steps: Sequence[str | int]) -> int:
    """The line (from 1) of a field given by the steps to it, or of the nearest table or field that holds it.

    Elements of a list and fields of an inline table stand where the list or the table begins; a field that is missing
    stands at its table's head.
    """
    best, line = 0, 1
    for number, place in _places(text):
        shared = 0
        while shared < min(len(place), len(steps)) and place[shared] == steps[shared]:
            shared += 1
        if shared > best:
            best, line = shared, number
    return line


def _places(text: str) -> Iterator[tuple[int, Steps]]:
    """Every line that begins a table or a field, with the steps to it; tables of a list are counted from 0."""
    tables: Counter[Steps] = Counter()
    here: Steps = ()
    for number, line in enumerate(_outside_of_texts(text), start=1):
        if header := _HEADER.match(line):
            here = _inside(_names(header[2]), tables)
            if header[1] == "[[":
                tables[here] += 1
                here = (*here, tables[here] - 1)
            yield number, here
        elif field := _FIELD.match(line):
            yield number, (*here, *_names(field[1]))


def _outside_of_texts(text: str) -> Iterator[str]:
    """The lines as the parser counts them, those inside a text of several lines empty."""
    inside = ""
    for line in text.split("\n"):  # splitlines() would also part a comment at characters that the parser passes
        yield "" if inside else line
        for mark in _TRIPLE.findall(line):
            if not inside or mark == inside:
                inside = "" if inside else mark


def _inside(names: Steps, tables: Counter[Steps]) -> Steps:
    """The steps to a header, where a table above it is the last one of its list."""
    found: Steps = ()
    for name in names[:-1]:
        found = (*found, name)
        if tables[found]:
            found = (*found, tables[found] - 1)
    return (*found, names[-1])


def _names(dotted: str) -> Steps:
    """The names of a dotted key without their quotes."""
    return tuple(part.strip().strip("\"'") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.]+', dotted))
