"""The cities' printed indicators: well kept, measured by their own definitions, and judged fairly."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from command_line import command
from hypothesis import given, settings
from hypothesis import strategies as some
from made_up_outputs import made_up_outputs

from abm.errors import InputError
from abm.known.town import read_town
from abm.people.outputs import Outputs, blank
from machi.kpi import arms as living
from machi.kpi.arms import Arms, Question
from machi.kpi.measures import MEASURES, is_simulated
from machi.kpi.sheet import sheet_of
from machi.kpi.targets import LAST_OBSERVED, Target, read_targets
from machi.places import Places, find_places
from machi.policy.package import read_packages

TOWNS = ("iwaki", "aizuwakamatsu", "kasama", "ninohe")
PLACES = find_places()
BLANK: dict[str, Any] = {
    "key": "x", "package": "", "name_ja": "指標", "name_en": "indicator", "unit_ja": "人", "unit_en": "persons",
    "base": None, "base_first": None, "base_last": None, "target": None, "target_first": None, "target_last": None,
    "aim": "", "measured_by": "", "note_ja": "理由", "note_en": "reason", "source": "strategy2", "place": "3",
}  # fmt: skip


def arms_of(none: list[Outputs], policy: list[Outputs], town: str = "iwaki") -> Arms:
    return Arms(Question(town, "baseline", None, 2015, 2030, ("P01",), tuple(range(1, len(none) + 1))),
                tuple(none), tuple(policy))  # fmt: skip


def measured(key: str, outputs: Outputs, first: int, last: int) -> float:
    return MEASURES[key].read(outputs, first, last)


@pytest.mark.parametrize("town", TOWNS)
def test_what_the_cities_print_is_kept_whole(town: str) -> None:
    rows = read_targets(PLACES, town).rows
    sources = read_town(PLACES.town_dir(town), PLACES.japan_dir()).sources
    packages = {one.key for one in read_packages(PLACES.package_dir(town))}
    assert {row.package for row in rows if row.package} <= packages
    assert {row.source for row in rows} <= set(sources)
    assert any(row.measured_by for row in rows)
    assert all(row.base_last is None or row.base_last <= LAST_OBSERVED for row in rows)


def test_every_package_of_iwaki_has_its_printed_indicator() -> None:
    rows, packages = read_targets(PLACES, "iwaki").rows, read_packages(PLACES.package_dir("iwaki"))
    printed = {row.package: row.name_ja for row in rows if row.package}
    assert printed == {one.key: one.kpi_ja for one in packages}


@pytest.mark.parametrize("town", TOWNS)
def test_targets_are_those_that_the_town_s_own_file_has(town: str) -> None:
    """The same figure stands in towns/TOWN/town.toml where a projection is compared with it."""
    published = {(one.indicator, one.year): one.value
                 for one in read_town(PLACES.town_dir(town), PLACES.japan_dir()).published}  # fmt: skip
    pairs = {
        ("iwaki", "vision_population_2060"): ("vision2", 2060), ("iwaki", "vision_tfr_2040"): ("vision_tfr", 2040),
        ("iwaki", "vision_population_2030"): ("vision2", 2030),
        ("aizuwakamatsu", "vision_tfr_2040"): ("vision_tfr", 2040),
        ("aizuwakamatsu", "A3_social_change"): ("target_social_change", 2024),
        ("aizuwakamatsu", "A4_births"): ("target_births", 2024), ("aizuwakamatsu", "A4_tfr"): ("target_tfr", 2024),
        ("kasama", "working_age_change"): ("target_working_age_change_5y", 2024),
        ("kasama", "livability"): ("target_livability", 2024),
        ("ninohe", "vision_population"): ("vision", 2045), ("ninohe", "vision_tfr"): ("vision_tfr", 2030),
        ("ninohe", "vision_migration_change"): ("vision_migration_change", 2045),
    }  # fmt: skip
    targets = {row.key: row.target for row in read_targets(PLACES, town).rows}
    mine = {key: place for (name, key), place in pairs.items() if name == town}
    assert mine and {key: targets[key] for key in mine} == {key: published[place] for key, place in mine.items()}


@pytest.mark.parametrize(("years", "out", "home"), [((2005, 2010), 6419, 303), ((2010, 2015), 4606, 1860)])
def test_moves_of_the_young_are_read_as_the_city_reads_its_censuses(
    years: tuple[int, int], out: int, home: int
) -> None:
    """Iwaki prints both figures for two intervals; the censuses' own counts must give them to the person."""
    with (PLACES.town_dir("iwaki") / "population.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["age_from"].isdigit() and int(row["year"]) in years]
    people = blank(*years, 1.0)
    for row in rows:
        people.population[int(row["year"]) - years[0], int(row["sex"] == "F"), int(row["age_from"])] += int(
            row["persons"]
        )
    assert measured("net_out_15_24", people, *years) == out
    assert measured("net_in_25_29", people, *years) == home


def test_rates_are_those_of_the_counts() -> None:
    one = blank(2015, 2020, 0.5)
    one.population[:, :, :] = 100
    one.births[2, 30] = 5
    one.marriages[2, :, 30] = 40
    one.moves_in[2, 0, 25], one.moves_out[2, 1, 25] = 30, 50
    assert measured("births", one, 2017, 2017) == 10
    assert measured("births", one, 2016, 2017) == 5
    assert measured("tfr", one, 2017, 2017) == pytest.approx(0.05)
    assert measured("marriage_rate", one, 2017, 2017) == pytest.approx(1000 * 40 / 20_200)
    assert measured("social_change", one, 2017, 2017) == -40
    assert measured("social_change_share", one, 2016, 2018) == pytest.approx(-100 * 20 / 20_200)
    assert measured("net_rate_20_40", one, 2017, 2017) == pytest.approx(-100 * 20 / 4_200)
    assert measured("moves_in", one, 2015, 2019) == 60
    one.population[4, :, 20:30] = 0
    assert measured("working_age_change", one, 2015, 2019) == pytest.approx(-20.0)


def test_a_flow_of_the_last_year_is_not_simulated() -> None:
    assert is_simulated(MEASURES["births"], 2029, 2029, 2015, 2030)
    assert not is_simulated(MEASURES["births"], 2030, 2030, 2015, 2030)
    assert is_simulated(MEASURES["population"], 2030, 2030, 2015, 2030)
    assert not is_simulated(MEASURES["net_out_15_24"], 2010, 2015, 2015, 2030)


def test_an_arm_beside_itself_differs_by_exactly_nothing() -> None:
    same = [made_up_outputs(seed) for seed in (1, 2, 3)]
    for row in sheet_of(read_targets(PLACES, "iwaki").rows, arms_of(same, same)):
        if row.verdict not in ("not_modelled", "not_simulated"):
            assert (row.difference.mean, row.difference.low, row.difference.high) == (0, 0, 0)
            assert row.none == row.all


@settings(deadline=None, max_examples=60)
@given(some.sampled_from(["least", "most"]), some.floats(-2, 2), some.integers(2, 6))
def test_a_verdict_follows_the_interval(aim: str, off: float, seeds: int) -> None:
    outputs = [made_up_outputs(seed) for seed in range(seeds)]
    counts = [float(one.births[5].sum()) for one in outputs]
    target = Target(**BLANK | {"target": float(np.mean(counts)) * (1 + off), "target_first": 2020, "target_last": 2020,
                               "aim": aim, "measured_by": "births"})  # fmt: skip
    row = sheet_of([target], arms_of(outputs, outputs))[0]
    low, high, wanted = row.all.low, row.all.high, target.target or 0.0
    inside = low < wanted <= high if aim == "least" else low <= wanted < high
    better = wanted <= low if aim == "least" else wanted >= high
    assert row.verdict == ("met" if better else "open" if inside else "missed")


def test_extra_movers_are_judged_by_what_packages_add() -> None:
    none, policy = [made_up_outputs(1), made_up_outputs(2)], [made_up_outputs(1), made_up_outputs(2)]
    for one in policy:
        one.moves_in[5, 0, 30] += 200
    target = Target(**BLANK | {"target": 159, "target_first": 2020, "target_last": 2024, "aim": "least",
                               "measured_by": "moves_in"})  # fmt: skip
    row = sheet_of([target], arms_of(none, policy))[0]
    assert (row.difference.mean, row.verdict_none, row.verdict) == (200, "missed", "met")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"measured_by": "happiness"}, "measured_by"),
        ({"base": "5", "base_first": "2020", "base_last": "2020"}, "base_last"),
        ({"base": "5"}, "base"),
        ({"target": "many", "target_first": "2020", "target_last": "2020"}, "target"),
        ({"target": "5", "target_first": "2024", "target_last": "2020"}, "target_first"),
        ({"target": "5", "target_first": "2024", "target_last": "2024", "measured_by": "births"}, "aim"),
        ({"note_en": ""}, "note_ja, note_en"),
        ({"key": "=1+1"}, "key"),
        ({"surplus": "x"}, "surplus"),
    ],
)
def test_a_slip_in_the_file_is_named_with_its_row(tmp_path: Path, changed: dict[str, str], reason: str) -> None:
    row = {key: "" if value is None else str(value) for key, value in BLANK.items()} | changed
    folder = tmp_path / "policies" / "kasama"
    folder.mkdir(parents=True)
    pd.DataFrame([row]).to_csv(folder / "kpi.csv", index=False)
    with pytest.raises(InputError, match=rf"kpi\.csv: row 2: {reason}"):
        read_targets(Places(tmp_path, PLACES.built_in), "kasama")


@pytest.fixture
def machi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The command, with arms that nobody has lived."""
    made = [made_up_outputs(seed, end=2045) for seed in (1, 2)]
    monkeypatch.setattr(living, "lived", lambda places, asked: Arms(asked, tuple(made), tuple(made)))
    return command(tmp_path, monkeypatch, capfd)


@pytest.mark.parametrize(("lang", "not_modelled"), [("ja", "モデル対象外"), ("en", "not modelled")])
def test_the_command_prints_and_writes_the_sheet(
    machi: Callable[..., tuple[int, str, str]], tmp_path: Path, lang: str, not_modelled: str
) -> None:
    for ending in ("csv", "xlsx"):
        code, said, _ = machi("--lang", lang, "kpi", "aizuwakamatsu", "--out", tmp_path / f"kpi.{ending}")
        assert code == 0 and "-270" in said
    table = pd.read_csv(tmp_path / "kpi.csv", encoding="utf-8-sig")
    assert (tmp_path / "kpi.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read_targets(PLACES, "aizuwakamatsu").rows
    assert len(table) == len(rows)
    assert (table.iloc[:, -3] == not_modelled).sum() == sum(not row.measured_by for row in rows)
    page = openpyxl.load_workbook(tmp_path / "kpi.xlsx")["KPI"]
    shown = [row for row in page.iter_rows(values_only=True)][-len(rows) :]
    assert [row[1] for row in shown] == table.iloc[:, 1].tolist()
    np.testing.assert_allclose([row[7] or 0 for row in shown], table.iloc[:, 7].fillna(0))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["kpi", "atlantis"], "atlantis"),
        (["kpi", "kasama", "--out", "sheet.txt"], "--out"),
        (["kpi", "results/none", "--fraction", "0.1"], "--fraction"),
        (["kpi", "kasama", "--fraction", "3"], "--fraction"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    machi: Callable[..., tuple[int, str, str]], words: list[str], reason: str
) -> None:
    code, _, said = machi(*words)
    assert code == 2 and said.startswith("Error:") and reason in said and said.count("\n") == 1
