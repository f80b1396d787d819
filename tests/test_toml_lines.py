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

from abm.toml_lines import line_of
from benchmarks.odd_files import instance
from machi.forms import FORMS, schema_of


def fields(table: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The steps to every field that has a line of its own: not those of inline tables and of lists of values."""
    for name, value in table.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from fields(value, (*above, name))
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for place, one in enumerate(value):
                yield from fields(one, (*above, name, place))


@pytest.mark.parametrize("kind", FORMS)
def test_every_field_is_found_where_it_is_written(kind) -> None:  # type: ignore[no-untyped-def]
    """On the line that a step leads to stands the field's name; two fields never share a line unless one holds both."""
    for seed in range(40):
        text = tomlkit.dumps(instance(schema_of(kind), random.Random(seed), oddness=0.0))
        lines = text.splitlines()
        for steps in fields(tomllib.loads(text)):
            line = lines[line_of(text, steps) - 1]
            held = [str(one) for one in steps if isinstance(one, str)]
            assert any(re.search(rf"(^|[\[.\"\s]){re.escape(one)}[\]\"\s.=]", line) for one in held), (steps, line)


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
