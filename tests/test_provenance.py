"""Every factor of every rule is in the table, with a source or called an assumption; every figure is read by a rule."""

from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from abm.alignment import align
from abm.errors import InputError
from abm.founding.found import found
from abm.known.behaviour import Shape
from abm.known.behaviour_fields import FOUNDING, SECTIONS
from abm.known.provenance import JAPAN_TABLES, RULES, TOWN_TABLES, as_markdown, factors
from abm.known.scenario import read_scenario
from abm.known.town import Town
from machi.commands.rules import BEGIN, END, with_table

JAPAN, IWAKI = ROOT / "towns" / "japan", ROOT / "towns" / "iwaki"
STATUSES = {"city", "prefecture", "nation", "literature", "calibrated", "assumed"}


def test_the_document_holds_the_present_table() -> None:
    """After a change of a figure: `machi rules --into ODD.md`."""
    text = (ROOT / "ODD.md").read_text(encoding="utf-8")
    table = text.split(BEGIN)[1].split(END)[0].strip()
    assert table == as_markdown(factors(JAPAN, IWAKI))


def test_every_factor_has_a_rule_a_status_and_a_source() -> None:
    for one in factors(JAPAN, IWAKI):
        assert one.rule in RULES
        assert one.status in STATUSES, one
        assert len(one.source) > 10, one
        assert one.name_ja and one.name_en
        if one.low:
            assert float(one.low) <= float(one.value) <= float(one.high)


def test_every_rule_has_a_file_and_every_table_a_rule() -> None:
    for _, _, file in RULES.values():
        assert (ROOT / "abm" / file).is_file(), file
    assert {path.name for path in JAPAN.glob("*.csv")} == set(JAPAN_TABLES)
    for town in ("iwaki", "ninohe"):
        known = {path.name for path in (ROOT / "towns" / town).glob("*.csv")} - {"official_projection.csv"}
        assert known == set(TOWN_TABLES)


def test_marks_are_needed(tmp_path: Path) -> None:
    (tmp_path / "ODD.md").write_text("no marks", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the marks"):
        with_table(tmp_path / "ODD.md", "table")
    with pytest.raises(InputError, match="cannot be read"):
        with_table(tmp_path / "none.md", "table")


def test_every_figure_is_read_by_a_rule(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that nothing reads would be an attribute without meaning: it is to be removed."""
    read: set[tuple[str, str]] = set()
    one, several = Shape.__getitem__, Shape.array

    def noted_one(shape: Shape, key: str) -> float:
        read.add((shape.path.stem + "." + shape.name, key))
        return one(shape, key)

    def noted_several(shape: Shape, key: str) -> np.ndarray:
        read.add((shape.path.stem + "." + shape.name, key))
        return several(shape, key)

    monkeypatch.setattr(Shape, "__getitem__", noted_one)
    monkeypatch.setattr(Shape, "array", noted_several)
    scenario = read_scenario(IWAKI / "scenarios" / "baseline.toml")
    founded = found(town, "census", 0.02, 1)
    align(town, scenario, 2015, 2016, founded)
    wanted = {(f"behaviour.{name}", key) for name, keys in SECTIONS.items() for key in keys if name != "estimation"}
    wanted |= {(f"founding.{name}", key) for name, keys in FOUNDING.items() for key in keys}
    wanted.remove(("behaviour.leaving", "foreign"))  # where no register tells of foreign residents
    assert not wanted - read
