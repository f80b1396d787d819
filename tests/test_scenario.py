"""A scenario or a shape of behaviour that cannot be meant is refused in one sentence that names file and field."""

from pathlib import Path

import numpy as np
import pytest
from conftest import END, ROOT, START

from abm.errors import InputError
from abm.forecast.future import future_of
from abm.forecast.futures import fertility_path, scenario_rates
from abm.known.scenario import Scenario, read_scenario
from abm.known.town import Town

BASELINE = (ROOT / "towns" / "iwaki" / "scenarios" / "baseline.toml").read_text(encoding="utf-8")


def edited(text: str, old: str, new: str) -> str:
    """The text with one place changed."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def one_sentence(error: InputError) -> str:
    """The message, which is one line and ends like a sentence."""
    message = str(error)
    assert "\n" not in message
    assert message.endswith((".", "?"))
    return message


def scenario_of(folder: Path, text: str) -> Scenario:
    path = folder / "imagined.toml"
    path.write_text(text.replace('key = "baseline"', 'key = "imagined"'), encoding="utf-8")
    return read_scenario(path)


# Scenarios


def test_the_towns_own_scenarios_are_read() -> None:
    for path in sorted((ROOT / "towns").glob("*/scenarios/*.toml")):
        scenario = read_scenario(path)
        assert scenario.key == path.stem
        assert scenario.end > scenario.start
        assert scenario.name_ja and scenario.name_en and scenario.source


BAD_SCENARIOS = [
    ('key = "baseline"', 'kee = "baseline"', "kee"),
    ("marriage_share = 0.5", "mariage_share = 0.5", "mariage_share"),
    ("return_share = 0.4", "return_share = 1.4", "return_share"),
    ("return_share = 0.4", "return_share = -0.1", "return_share"),
    ("return_share = 0.4", "return_share = nan", "return_share"),
    ("return_share = 0.4", 'return_share = "0.4"', "return_share"),
    ("return_share = 0.4", "return_share = true", "return_share"),
    ("marriage_share = 0.5", "marriage_share = 2.0", "marriage_share"),
    ("end = 2060", "end = 2015", "end"),
    ("end = 2060", "end = 2000", "end"),
    ("end = 2060", "end = 2060.5", "end"),
    ("start = 2015", "start = true", "start"),
    ("start = 2015", 'start = "2015"', "start"),
    ("return_by = 2025", "", "return_by"),
    ("[nuptiality]", "[work]", "work"),
    ("intervals = [1995, 2000, 2005, 2010]", "intervals = 1995", "intervals"),
    ("intervals = [1995, 2000, 2005, 2010]", "intervals = []", "intervals"),
    ("intervals = [1995, 2000, 2005, 2010]", 'intervals = ["1995"]', "intervals"),
    ("pool = false", "pool = 0", "pool"),
    ('path = "national"', 'path = "nationl"', "path"),
    ('path = "national"', 'path = "targets"', "target"),
    ('path = "national"', 'path = "targets"\ntarget = [{ year = 2030, tfr = 9.0 }]', "tfr"),
    ("pool = false", "pool = false\nmilestone = [{ year = 2030 }, { year = 2020 }]", "backwards"),
    ("pool = false", "pool = false\nmilestone = [{ year = 2030, scale = 7.0 }]", "scale"),
    (
        "pool = false",
        "pool = false\nmilestone = [{ year = 2030, cell = [{ age_from = 3, age_to = 19, scale = 0.0 }] }]",
        "age_from",
    ),
    (
        'path = "national"',
        'path = "targets"\ntarget = [{ year = 2040, tfr = 2.0 }, { year = 2030, tfr = 2.1 }]',
        "backwards",
    ),
    ("return_by = 2025", "return_by = 2015", "return_by"),
    (
        "pool = false",
        "pool = false\nmilestone = [{ year = 2030, cell = [{ age_from = 90, age_to = 94, scale = 0.0 }] }]",
        "age_from",
    ),
    (
        'rates = "census"\nintervals = [1995, 2000, 2005, 2010]',
        'rates = "trend"\nmilestone = [{ year = 2030, cell = [{ age_from = 15, age_to = 19, scale = 0.0 }] }]',
        "cell",
    ),
]


@pytest.mark.parametrize(("old", "new", "field"), BAD_SCENARIOS, ids=[new or f"no {f}" for _, new, f in BAD_SCENARIOS])
def test_a_scenario_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        scenario_of(tmp_path, edited(BASELINE, old, new))
    message = one_sentence(refused.value)
    assert "imagined.toml" in message
    assert field in message


@pytest.mark.parametrize("field", ["key", "name_ja", "basis", "start", "return_share", "pool"])
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    lines = [line for line in BASELINE.splitlines() if not line.startswith(f"{field} =")]
    assert len(lines) < len(BASELINE.splitlines())
    with pytest.raises(InputError, match=rf"imagined.toml, line \d+: .*{field}: the field is missing"):
        scenario_of(tmp_path, "\n".join(lines))


def test_a_whole_number_will_do_for_a_share(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, edited(BASELINE, "return_share = 0.4", "return_share = 1"))
    assert scenario.evacuees is not None and scenario.evacuees.return_share == 1.0


@pytest.mark.parametrize("text", ["key = ", "[fertility\n", "\ufffe", 'key = "a"\nkey = "b"'])
def test_what_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"imagined\.toml"):
        scenario_of(tmp_path, text)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "imagined.toml"
    path.write_bytes('name_ja = "基準推計"'.encode("shift_jis"))
    with pytest.raises(InputError, match=r"imagined\.toml"):
        read_scenario(path)


def test_a_scenario_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        with pytest.raises(InputError, match=path.name):
            read_scenario(path)


def test_a_census_interval_that_does_not_exist_is_refused(tmp_path: Path, town: Town) -> None:
    scenario = scenario_of(tmp_path, edited(BASELINE, "[1995, 2000, 2005, 2010]", "[1996]"))
    with pytest.raises(InputError, match="no census of 1996"):
        scenario_rates(future_of(town.setting, scenario, "census", START, END))


# Rates


def test_rates_are_probabilities_and_possible(town: Town, scenario: Scenario) -> None:
    future = future_of(town.setting, scenario, "census", 2015, 2060)
    rates = scenario_rates(future)
    assert rates.years.tolist() == list(range(2015, 2060))
    assert rates.death.shape == (45, 2, 112) and ((rates.death > 0) & (rates.death <= 1)).all()
    assert (np.diff(rates.death[:, :, 60], axis=0) < 0).all()  # life grows longer
    assert rates.birth[:, 15:50].sum() > 0.999 * rates.birth.sum()  # the smoothed schedule has thin ends
    assert (rates.birth[:, :12] == 0).all() and (rates.birth[:, 55:] == 0).all() and (rates.birth >= 0).all()
    assert np.allclose(rates.birth.sum(axis=1), fertility_path(future))
    assert ((rates.birth.sum(axis=1) > 1.2) & (rates.birth.sum(axis=1) < 2.0)).all()
    assert np.abs(rates.net).max() < 0.5
    assert rates.evacuees_home.sum() == pytest.approx(0.4)
    assert (rates.evacuees_home[10:] == 0).all()  # all home by 2025


def test_more_evacuees_may_go_home_than_in_the_baseline(tmp_path: Path, town: Town) -> None:
    for share in (0.0, 0.3, 1.0):
        scenario = scenario_of(tmp_path, edited(BASELINE, "return_share = 0.4", f"return_share = {share}"))
        rates = scenario_rates(future_of(town.setting, scenario, "census", 2015, 2060))
        assert rates.evacuees_home.sum() == pytest.approx(share)


PATHS = {
    "a target before the start": (
        'path = "national"',
        'path = "targets"\ntarget = [{ year = 2012, tfr = 1.6 }, { year = 2030, tfr = 2.1 }]',
        "target 2012",
    ),
    "more leave than there are": (
        "pool = false",
        "pool = false\nmilestone = [{ year = 2030, intervals = [1980], scale = 2.0, "
        "cell = [{ age_from = 15, age_to = 19, scale = 2.0 }] }]",
        "2030.*15-19",
    ),
}


@pytest.mark.parametrize(("old", "new", "words"), PATHS.values(), ids=PATHS)
def test_a_path_that_the_town_cannot_take_is_refused(
    tmp_path: Path, town: Town, old: str, new: str, words: str
) -> None:
    scenario = scenario_of(tmp_path, edited(BASELINE, old, new))
    with pytest.raises(InputError, match=words) as refused:
        scenario_rates(future_of(town.setting, scenario, "census", 2015, 2060))
    one_sentence(refused.value)
