"""The ablation: a package that does nothing gives zero in all three models, and a changed order is told from chance."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.levered import Twin, levered_rates, residents
from abm.levers import LEVER_INDEX, LEVERS, neutral
from abm.simulation import simulate
from machi.analysis.ablation import ablation, reversed_pairs, twin_effects, twin_of_ground
from machi.places import find_places
from machi.questions.design import AGENTS, CENTRAL, NO_MARKET, Run
from machi.runs.altered import WITHOUT_MARKET, Builder, alterations_of, altered, levers_in
from machi.runs.groundwork import Ground, read_ground

ROOT = Path(__file__).resolve().parent.parent
END, FRACTION = 2022, 0.01
YEARS = END - 2015


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Iwaki to a near horizon; its reference arm is the one aligned on a small sample, so that tests stay quick."""
    workspace = tmp_path_factory.mktemp("workspace")
    return read_ground(find_places(workspace), "iwaki", "baseline", end=END)


@pytest.fixture(scope="module")
def twin(ground: Ground) -> Twin:
    """The cohort twin of the small sample's reference arm."""
    founding, reference = altered(ground, {}, FRACTION)

    class Kept(Ground):
        def reference(self):  # type: ignore[no-untyped-def]
            return reference

        def founding(self, fraction):  # type: ignore[no-untyped-def]
            return founding

    return twin_of_ground(Kept(**ground.__dict__), FRACTION, 0.25)


def moved(**values: float) -> np.ndarray:
    """Levers that hold from the first year to the last."""
    levers = neutral(YEARS)
    for key, value in values.items():
        levers[:, LEVER_INDEX[key]] = value
    return levers


def run_of(design: str) -> Run:
    """A run of the reference arm of a design."""
    return Run(design, "sustained", "none", -1, CENTRAL, 1, 1, FRACTION, ())


def test_a_null_package_gives_zero_in_all_three_models(ground: Ground, twin: Twin) -> None:
    assert twin_effects(twin, {"null": neutral(YEARS)}) == {"null": 0.0}
    builder = Builder(alterations_of(ground, 1, 0, ablated=True))
    for design in (AGENTS, NO_MARKET):
        founding, arm = builder.of(run_of(design))
        levers = [
            levers_in(run_of(design), one) for one in (neutral(YEARS), moved(marriage_search=1.0, matchmaking=1.0))
        ]
        ends = [simulate(founding, arm, one, 3).population[-1] for one in levers]
        assert np.array_equal(ends[0], ends[1])


def test_without_a_market_vacancies_move_nobody_and_matchmaking_is_search(ground: Ground) -> None:
    founding, arm = altered(ground, WITHOUT_MARKET, FRACTION)
    usual = simulate(founding, arm, neutral(YEARS), 3)
    run = run_of(NO_MARKET)
    assert np.array_equal(levers_in(run, moved(slots_manufacturing=20_000.0)), neutral(YEARS))
    assert arm.numbers.elasticity[0] == 0 and arm.numbers.matching[0] == 0
    changed = levers_in(run, moved(matchmaking=1.2, marriage_search=1.1))
    assert changed[:, LEVER_INDEX["marriage_search"]] == pytest.approx(1.32)
    assert (changed[:, LEVER_INDEX["matchmaking"]] == 1).all()
    assert levers_in(run_of(AGENTS), changed) is changed
    target = arm.targets[:, 0] * FRACTION
    wed = usual.marriages.sum(axis=(1, 2)) / 2
    assert wed.sum() == pytest.approx(target.sum(), abs=5 * target.sum() ** 0.5)


def test_levers_move_the_twin_the_way_they_should(twin: Twin) -> None:
    more = {
        "childbirth": 1.1, "childbirth_second": 1.1, "marriage_search": 1.2, "matchmaking": 1.05, "uturn": 1.5,
        "arrivals_families": 1.3, "settlers_families": 30.0, "foreign_arrivals": 50.0, "returnees_extra": 40.0,
        "slots_health": 2_000.0, "leaving_18_24": 0.9, "leaving_women_20_34": 0.9, "leaving_families": 0.9,
        "mortality_40_84": 0.9,
    }  # fmt: skip
    effects = twin_effects(twin, {key: moved(**{key: value}) for key, value in more.items()})
    assert all(effect > 0 for effect in effects.values()), effects
    for key in ("regular_share", "women_participation", "remote_share"):
        assert twin_effects(twin, {key: moved(**{key: 5.0})})[key] == 0.0  # no state for it


def test_a_slot_brings_the_movers_it_is_said_to(twin: Twin) -> None:
    """2,000 slots from the first year bring 500 net movers in that year and nobody later."""
    rates, usual = levered_rates(twin, moved(slots_health=2_000.0)), twin.reference.rates
    assert (rates.net[1:] == usual.net[1:]).all()
    first = residents(twin, moved(slots_health=2_000.0))[1] - residents(twin, neutral(YEARS))[1]
    assert first == pytest.approx(500.0, rel=0.02)  # a few of them die within the year


@settings(deadline=None, max_examples=10)
@given(key=st.sampled_from([one.key for one in LEVERS]))
def test_a_neutral_lever_is_exactly_nothing(key: str) -> None:
    twin = cached_twin()
    value = next(one.neutral for one in LEVERS if one.key == key)
    assert np.array_equal(residents(twin, moved(**{key: value})), residents(twin, neutral(YEARS)))


@cache
def cached_twin() -> Twin:
    """A twin for tests that take no fixture."""
    ground = read_ground(find_places(ROOT), "iwaki", "baseline", end=END)
    founding, reference = altered(ground, {}, FRACTION)
    agents = simulate(founding, reference, neutral(YEARS), 1)
    from abm.forecast.future import fled, start_people
    from abm.levered import twin_of

    future = ground.future()
    shares = ground.town.japan.birth_order_share
    return twin_of(reference, start_people(future), fled(future), shares, agents, 0.25)


def runs_of(effects: dict[str, dict[str, float]], replications: int = 6, noise: float = 3.0) -> pd.DataFrame:
    """Made-up runs with these effects by design and arm."""
    rng = np.random.default_rng(8)
    rows = []
    for design, arms in effects.items():
        for r in range(1, replications + 1):
            base = 1000.0 + rng.normal() * 100
            for arm, effect in {"none": 0.0, **arms}.items():
                here = base + effect + (noise * rng.normal() if arm != "none" else 0.0)
                rows.append({"design": design, "arm": arm, "replication": r, "population": here})
    return pd.DataFrame(rows)


META = [{"key": key, "name_ja": key, "name_en": key} for key in ("A", "B", "C")]


def test_the_same_order_is_called_the_same() -> None:
    same = {"A": 300.0, "B": 200.0, "C": 100.0}
    found = ablation(runs_of({AGENTS: same, NO_MARKET: same}), META, same)
    assert found.notes["same"] and found.notes["kendall_w"] == pytest.approx(1.0)
    assert found.notes["tau"][f"{AGENTS}-{NO_MARKET}"] == 1.0
    assert found.table["rank_agents"].tolist() == found.table["rank_twin"].tolist() == [1.0, 2.0, 3.0]


def test_a_clear_reversal_is_named_and_chance_is_not() -> None:
    first, close = {"A": 300.0, "B": 200.0, "C": 100.0}, {"A": 300.0, "B": 200.0, "C": 201.0}
    other = {"A": 50.0, "B": 200.0, "C": 100.0}
    found = ablation(runs_of({AGENTS: first, NO_MARKET: close}, noise=20.0), META, other)
    assert not found.notes["same"]
    assert found.notes["reversed"][f"{AGENTS}-twin"] == [["A", "B"], ["A", "C"]]
    assert found.notes["reversed"][f"{AGENTS}-{NO_MARKET}"] == []


def test_equal_effects_are_no_reversal() -> None:
    zero = np.zeros((2, 4))
    assert reversed_pairs(["A", "B"], zero, np.array([[1.0], [2.0]])) == []
