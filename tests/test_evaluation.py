"""Evaluation after the fact: what was counted, what the launch knew, which gaps are told from chance and from doubt."""

import csv
import shutil
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import command

from abm.errors import InputError
from machi.commands import evaluate as door
from machi.evaluation.comparison import BEYOND, CHANCE, DOUBT, UNKNOWN, compared, lived, summed
from machi.evaluation.past import past_of
from machi.places import Places

ROOT = Path(__file__).resolve().parent.parent
BUILT_IN = Places(ROOT, ROOT)


def test_the_counted_figures_are_the_registers_and_balance() -> None:
    past = past_of(BUILT_IN, "ninohe", 2015)
    with (ROOT / "towns/ninohe/vital.csv").open(encoding="utf-8", newline="") as file:
        births = sum(
            int(row["events"])
            for row in csv.DictReader(file)
            if (row["item"], row["nationality"]) == ("births", "total") and 2015 <= int(row["year"]) < 2019
        )
    end = past.ground.end
    assert end == 2019 and past.counted["births", 2015, 2018] == births
    before = float(past.launch.people.sum())
    flows = {name: past.counted[name, 2015, 2018] for name in ("births", "deaths", "net_moves")}
    assert before + flows["births"] - flows["deaths"] + flows["net_moves"] == past.counted["population", 2019, 2019]
    assert ("marriages", 2015, 2015) not in past.counted and ("marriages", 2016, 2018) in past.counted


def test_rates_know_nothing_of_what_came() -> None:
    past = past_of(BUILT_IN, "ninohe", 2015)
    area = past.ground.town.setting.area
    stocks = area.stocks("register")
    assert past.launch.known_from == date(2015, 7, 31) and max(stock.day for stock in stocks) == 2015.0
    assert max(flow.end for flow in area.flows["total"]) <= 2015.0


def test_later_figures_do_not_move_the_town_without_policy(tmp_path: Path) -> None:
    """Births and residents counted after the launch are doubled: what is counted changes, rates do not."""
    for part in ("japan", "ninohe"):
        shutil.copytree(ROOT / "towns" / part, tmp_path / "towns" / part)
    vital = tmp_path / "towns/ninohe/vital.csv"
    rows = vital.read_text(encoding="utf-8").splitlines()
    later = [
        ",".join([*row.split(",")[:6], str(2 * int(row.split(",")[6])), *row.split(",")[7:]])
        if ",births," in row and row[:4] in ("2016", "2017", "2018")
        else row
        for row in rows
    ]
    assert later != rows
    vital.write_text("\n".join(later) + "\n", encoding="utf-8", newline="\n")
    changed, usual = past_of(Places(tmp_path, tmp_path), "ninohe", 2015), past_of(BUILT_IN, "ninohe", 2015)
    assert changed.counted["births", 2015, 2018] > 1.5 * usual.counted["births", 2015, 2018]
    one, other = (each.ground.future() for each in (changed, usual))
    from abm.forecast.futures import scenario_rates

    for a, b in zip(scenario_rates(one), scenario_rates(other), strict=True):
        assert np.array_equal(np.asarray(a), np.asarray(b))


@pytest.mark.parametrize(
    ("launch", "end", "named"),
    [(2015, 2020, "2020"), (2015, 2015, "not after"), (2010, 2019, "--launch"), (2019, None, "not after")],
)
def test_years_that_the_register_has_not_are_refused(launch: int, end: int | None, named: str) -> None:
    with pytest.raises(InputError, match=named) as error:
        past_of(BUILT_IN, "ninohe", launch, end)
    assert "\n" not in str(error.value)


def test_a_town_without_a_register_is_refused(tmp_path: Path) -> None:
    for part in ("japan", "ninohe"):
        shutil.copytree(ROOT / "towns" / part, tmp_path / "towns" / part)
    town = tmp_path / "towns/ninohe/town.toml"
    text = town.read_text(encoding="utf-8").replace('["census", "register"]', '["census"]')
    town.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no register"):
        past_of(Places(tmp_path, tmp_path), "ninohe", 2015)


def test_gaps_are_told_from_chance_and_from_doubt() -> None:
    rng = np.random.default_rng(1)
    figures = [("births", 2015, 2015), ("deaths", 2015, 2015), ("net_moves", 2015, 2015), ("marriages", 2015, 2015)]
    central, drawn = rng.normal(1000.0, 5.0, (30, 4)), rng.normal(1000.0, 50.0, (400, 4))
    table = compared(figures, [1001.0, 1040.0, 1300.0, 1300.0], central, drawn).set_index("measure")
    assert table["verdict"].to_dict() == {
        "births": CHANCE, "deaths": DOUBT, "net_moves": BEYOND, "marriages": UNKNOWN,
    }  # fmt: skip
    assert table.loc["deaths", "gap"] == pytest.approx(40.0, abs=4.0) and np.isnan(table.loc["marriages", "low"])
    assert (table["low"].dropna() <= table["chance_low"][table["low"].notna()]).all()


def test_the_town_lives_without_policy_and_the_same_each_time(tmp_path: Path) -> None:
    past = past_of(Places(tmp_path, ROOT), "ninohe", 2015, 2017)
    found = [lived(past, 3, 3, 0.2, 1, threads, lambda: None) for threads in (1, 2)]
    for one, other in zip(found[0], found[1], strict=True):
        assert np.array_equal(one, other)
    central, drawn = found[0]
    table = compared(list(past.counted), list(past.counted.values()), central, drawn)
    people = table[table["measure"] == "population"].set_index("last")
    assert people.loc[2017, "simulated"] == pytest.approx(people.loc[2017, "counted"], rel=0.03)
    assert set(summed(table)["measure"]) == {"population", "births", "deaths", "net_moves", "marriages"}
    flows = {row.measure: row.simulated for row in summed(table).itertuples()}
    mean = central.mean(axis=0)[list(past.counted).index(("population", 2017, 2017))]
    begun = mean - flows["births"] + flows["deaths"] - flows["net_moves"]
    assert begun == pytest.approx(float(past.launch.people.sum()), rel=0.01)


def test_the_command_says_what_gaps_may_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    past = past_of(BUILT_IN, "ninohe", 2015)
    figures = list(past.counted.values())
    made = np.tile(np.array(figures), (3, 1)) * np.array([[0.99], [1.0], [1.01]])
    monkeypatch.setattr("machi.evaluation.comparison.lived", lambda *_: (made, made))
    monkeypatch.setattr("machi.evaluation.past.past_of", lambda *_: past)
    monkeypatch.setattr("machi.runs.groundwork.Ground.founding", lambda *_: None)
    monkeypatch.setattr("machi.runs.groundwork.Ground.reference", lambda *_: None)
    machi = command(tmp_path, monkeypatch, capfd)
    code, out, _ = machi("evaluate", "ninohe", "--out", "x.csv")
    assert code == 0 and "A gap is no proof of an effect." in out and "2015-07-31" in out
    assert (pd.read_csv(tmp_path / "x.csv")["gap"].abs() < 1e-6).all()
    assert "効果の証明ではありません" in machi("--lang", "ja", "evaluate", "ninohe")[1]
    assert machi("evaluate", "ninohe", "--out", "x.txt")[0] == 2
    assert door.LAUNCH == 2015


def test_both_languages_have_the_same_words() -> None:
    words = tomllib.loads((ROOT / "machi/evaluation/words.toml").read_text(encoding="utf-8"))
    assert words["ja"].keys() == words["en"].keys()
