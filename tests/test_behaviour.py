"""A shape of behaviour that cannot be meant is refused in one sentence that names file, section and field."""

import re
from pathlib import Path

import pytest
from conftest import ROOT
from test_scenario import edited, one_sentence

from abm.errors import InputError
from abm.known.behaviour import read_behaviour, read_founding
from abm.known.behaviour_fields import SECTIONS
from abm.known.town import Town

BEHAVIOUR = (ROOT / "towns" / "japan" / "behaviour.toml").read_text(encoding="utf-8")
GAP_LINE = next(line for line in BEHAVIOUR.splitlines() if line.startswith("gap_sd = "))


def behaviour_of(folder: Path, text: str) -> None:
    (folder / "behaviour.toml").write_text(text, encoding="utf-8")
    read_behaviour(folder)


def test_every_section_has_a_status_and_a_reason(town: Town) -> None:
    assert set(town.japan.behaviour) == set(SECTIONS)
    for shape in town.japan.behaviour.values():
        assert shape.status and len(shape.why) > 20
        assert len(shape) > 0


BAD_BEHAVIOUR = [
    ("gap_sd = { value = 4.0", "gap_sd = { value = -4.0", "marriage.gap_sd"),
    ("gap_sd = { value = 4.0", "gap_sd = { value = nan", "marriage.gap_sd"),
    ("gap_sd = { value = 4.0", "gap_sd = { value = inf", "marriage.gap_sd"),
    ("gap_sd = { value = 4.0", 'gap_sd = { value = "four"', "marriage.gap_sd"),
    ("window_half_life = 5.0", "window_half_life = 0.0", "estimation.window_half_life"),
    ("flow_half_life = 2.0", "flow_half_life = 0", "estimation.flow_half_life"),
    ("prior_windows = 2.0", "prior_windows = 0.0", "estimation.prior_windows"),
    ("doubt_kept = 0.95", "doubt_kept = 1.2", "estimation.doubt_kept"),
    ("doubt_sexes = 0.5", "doubt_sexes = [0.5]", "estimation.doubt_sexes"),
    ("[marriage]", "[mariage]", "marriage"),
    ("[marriage]", "[spirits]\nstatus = 'assumed'\nwhy = 'none'\n[marriage]", "spirits"),
]


@pytest.mark.parametrize(("old", "new", "field"), BAD_BEHAVIOUR, ids=[new for _, new, _ in BAD_BEHAVIOUR])
def test_behaviour_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        behaviour_of(tmp_path, edited(BEHAVIOUR, old, new))
    message = one_sentence(refused.value)
    assert "behaviour.toml" in message
    assert field in message


def test_a_section_without_status_or_reason_is_refused(tmp_path: Path) -> None:
    for name in SECTIONS:
        begin = BEHAVIOUR.index(f"[{name}]")
        for field in ("status", "why"):
            line = BEHAVIOUR.index(f"\n{field} = ", begin)
            end = BEHAVIOUR.index("\n", line + 1)
            with pytest.raises(InputError, match=rf"behaviour\.toml: section \[{name}\]"):
                behaviour_of(tmp_path, BEHAVIOUR[:line] + BEHAVIOUR[end:])


def test_a_status_must_be_one_of_the_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\[elders\].*literature"):
        begin = BEHAVIOUR.index("[elders]")
        behaviour_of(tmp_path, BEHAVIOUR[:begin] + BEHAVIOUR[begin:].replace('"assumed"', '"guessed"', 1))


def test_missing_behaviour_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"behaviour\.toml"):
        read_behaviour(tmp_path)


def test_a_figure_that_a_rule_needs_is_named_when_missing(tmp_path: Path) -> None:
    (tmp_path / "behaviour.toml").write_text(edited(BEHAVIOUR, GAP_LINE, ""), encoding="utf-8")
    with pytest.raises(InputError, match=r"behaviour\.toml: marriage\.gap_sd is missing"):
        read_behaviour(tmp_path)


def test_a_misspelt_figure_is_named_with_the_nearest(tmp_path: Path) -> None:
    text = edited(BEHAVIOUR, GAP_LINE, GAP_LINE + "\ngap_s = 4.0")
    (tmp_path / "behaviour.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"marriage\.gap_s is unknown; did you mean gap_sd"):
        read_behaviour(tmp_path)


def test_ages_of_a_curve_rise_and_have_a_value_each(tmp_path: Path) -> None:
    for old, new in (("movers = [6.0, ", "movers = ["), ("mover_ages = [0, 5,", "mover_ages = [5, 0,")):
        (tmp_path / "behaviour.toml").write_text(edited(BEHAVIOUR, old, new), encoding="utf-8")
        with pytest.raises(InputError, match=r"estimation\.mover_ages"):
            read_behaviour(tmp_path)["estimation"].curve("mover_ages", "movers")


def test_a_list_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "behaviour.toml").write_text(edited(BEHAVIOUR, "away_gap = ", "away_gap = [1.0] # "), encoding="utf-8")
    with pytest.raises(InputError, match=r"marriage\.away_gap must be one number"):
        read_behaviour(tmp_path)["marriage"]["away_gap"]


def test_a_calibrated_figure_names_bounds_and_source(tmp_path: Path) -> None:
    """An elasticity without a source or outside its bounds is refused in one sentence."""
    line = next(line for line in BEHAVIOUR.splitlines() if line.startswith("elasticity = "))
    cases = {
        "elasticity = 0.1": "calibrated and names no source",
        re.sub("value = [0-9.]+", "value = 0.9", line): "outside its bounds",
        re.sub(', source = ".*?"', "", line): "names no source",
        re.sub(', ja = ".*?"', "", line): "needs its name as ja",
        line.replace("status = ", "stand = "): "unknown field stand",
    }
    for bad, reason in cases.items():
        with pytest.raises(InputError, match=reason) as refused:
            behaviour_of(tmp_path, edited(BEHAVIOUR, line, bad))
        assert "pull.elasticity" in one_sentence(refused.value)


def test_drawn_figures_replace_those_of_the_table(town: Town) -> None:
    shape = town.japan.behaviour["marriage"]
    assert shape.with_figures({"homogamy": 1.1})["homogamy"] == 1.1
    assert shape["homogamy"] != 1.1
    assert shape.ranges["homogamy"].low <= shape["homogamy"] <= shape.ranges["homogamy"].high
    with pytest.raises(InputError, match=r"marriage\.homogami is no figure"):
        shape.with_figures({"homogami": 1.0})


def test_a_number_is_no_list(town: Town) -> None:
    with pytest.raises(InputError, match=r"marriage\.acceptance must be a list"):
        town.japan.behaviour["marriage"].array("acceptance")


def test_a_curve_is_straight_between_its_ages(tmp_path: Path, town: Town) -> None:
    curve = town.japan.behaviour["home"].curve("ages", "men")
    assert curve.shape == (101,)
    assert curve[0] == town.japan.behaviour["home"].array("men")[0]
    assert curve[100] == town.japan.behaviour["home"].array("men")[-1]


def test_the_foundings_assumptions_are_refused_alike(tmp_path: Path) -> None:
    text = (ROOT / "towns" / "japan" / "founding.toml").read_text(encoding="utf-8")
    for old, new, field in (
        ("elder_gap = 29", "elder_gap = -29", "homes.elder_gap"),
        ("boys = ", "boy = ", "away.boy"),
    ):
        (tmp_path / "founding.toml").write_text(edited(text, old, new), encoding="utf-8")
        with pytest.raises(InputError, match=field.replace(".", r"\.")) as refused:
            read_founding(tmp_path)
        assert "founding.toml" in one_sentence(refused.value)
