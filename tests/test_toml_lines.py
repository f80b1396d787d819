"""A field's line in a TOML file, found for every field of files that a library wrote."""

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from conftest import ROOT

from abm.reading.toml_lines import line_of
from benchmarks.odd_files import instance
from machi.forms import FORMS, schema_of


def fields(table: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The steps to every field that holds a value, and so begins a line."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from fields(value, (*above, name))
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for place, one in enumerate(value):
                yield from fields(one, (*above, name, place))
        elif re.fullmatch(r"\w+", name, re.ASCII):  # other names are written with escapes
            yield (*above, name)


@pytest.mark.parametrize("kind", FORMS)
def test_every_field_is_found_where_it_is_written(kind) -> None:  # type: ignore[no-untyped-def]
    for seed in range(40):
        text = tomlkit.dumps(instance(schema_of(kind), random.Random(seed), oddness=0.0))
        lines = text.split("\n")
        for steps in fields(tomllib.loads(text)):
            assert lines[line_of(text, steps) - 1].strip().startswith(f"{steps[-1]} ="), (steps, text)


def test_lines_are_those_of_the_parser() -> None:
    """Characters that part lines elsewhere do not here, and what a long text holds is no field."""
    text = 'a = 1  # one\u2028two\nlong = """\nb = 2\n[c]\n"""\nb = 3\n'
    assert [line_of(text, (name,)) for name in ("a", "long", "b", "c")] == [1, 2, 6, 1]


def test_shipped_files_are_read_by_their_lines() -> None:
    path = Path(ROOT / "policies/iwaki/P03.toml")
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for place, _ in enumerate(tomllib.loads(text)["measure"]):
        heads = [number for number, line in enumerate(lines, start=1) if line.strip() == "[[measure]]"]
        assert line_of(text, ("measure", place)) == heads[place]
        assert line_of(text, ("measure", place, "no such field")) == heads[place]
        assert lines[line_of(text, ("measure", place, "dose")) - 1].startswith("dose")
    assert line_of(text, ("no such field",)) == 1
