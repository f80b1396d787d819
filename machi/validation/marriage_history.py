"""Five observed years of marriage: founded on the census of 2010, never-married shares of 2015 beside the census's.

The founded town has the prefecture's civil states of 2010, moves at the town's own net rates of 2010-15 and marries at
the prefecture's level of 2012-14; the town has no counts of these years. What is left over is the shape's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from machi.places import Places
from machi.validation.check import Check

if TYPE_CHECKING:
    from abm.known.town import Town
    from abm.people.outputs import Outputs
    from abm.people.population import Population

START, END = 2010, 2015
AGES = tuple(range(20, 50, 5))
TOLERANCE = 0.02
RATIO_TOLERANCE = 0.05
YOUNG = 3  # groups of 20-34
SEEDS = (1, 2, 3)
SEXES = (("men", "男性"), ("women", "女性"))
SOURCE = "population census 2015, prefecture"
_FIRST_GROUP = 1  # of `civil_share`: 15-19 comes before 20-24


def history_checks(places: Places, town: str) -> Iterator[Check]:
    """Never-married shares of 2015 by sex and age, and never-married men per woman of 20-34, from a 2010 founding."""
    from abm.founding.earlier_town import earlier_town
    from abm.founding.found import found
    from abm.known.town import read_town

    read = read_town(places.town_dir(town), places.japan_dir())
    earlier = earlier_town(read)
    founding = found(earlier, "census", start=START)
    before = never_married(founding.population)
    after = np.mean([never_married(population) for population in _lived(places, read, founding)], axis=0)
    shares, japan = after[0] / after[1], read.japan
    groups = slice(_FIRST_GROUP, _FIRST_GROUP + len(AGES))
    target = japan.civil_share[:, groups, 0]
    for sex, (en, ja) in enumerate(SEXES):
        for g, age in enumerate(AGES):
            aim, years = float(target[sex, g]), f"{age}-{age + 4}"
            yield Check(
                "marriage", f"never_married_2015_{en}_{age}", f"never-married share of {en} {years}, 2015 from 2010",
                f"{ja}{age}〜{age + 4}歳の未婚率（2010年からの2015年）", aim, aim - TOLERANCE, aim + TOLERANCE,
                float(shares[sex, g]), SOURCE, "prefecture",
            )  # fmt: skip
    ratio = [float(one[0, 0, :YOUNG].sum() / one[0, 1, :YOUNG].sum()) for one in (before, after)]
    of_census = [_ratio(read, year, share) for year, share in ((START, japan.civil_share_2010),
                                                               (END, japan.civil_share))]  # fmt: skip
    change = of_census[1] - of_census[0]
    yield Check(
        "marriage", "never_married_men_per_woman", "change of never-married men per woman of 20-34, 2010 to 2015",
        "20〜34歳の未婚男女比の変化（2010〜2015年）", change, change - RATIO_TOLERANCE, change + RATIO_TOLERANCE,
        ratio[1] - ratio[0], SOURCE, "prefecture",
    )  # fmt: skip


def never_married(population: "Population") -> np.ndarray:
    """Never-married residents and all, by sex and five-year group 20-24 .. 45-49: float64[2, 2, 6]."""
    from abm.levels.by_age import per_age

    persons, rows = population.persons, population.residents
    single = rows[persons.civil[rows] == 0]
    ages = slice(AGES[0], AGES[-1] + 5)
    return np.array([per_age(persons, some)[:, ages].reshape(2, len(AGES), 5).sum(axis=2) for some in (single, rows)])


def _ratio(town: "Town", year: int, share: np.ndarray) -> float:
    """The prefecture's never-married men per woman of 20-34."""
    japan, first = town.japan, AGES[0] // 5
    people = japan.census[japan.census_years.index(year)][:, first : first + YOUNG]
    men, women = (people * share[:, _FIRST_GROUP : _FIRST_GROUP + YOUNG, 0]).sum(axis=1)
    return float(men / women)


def _lived(places: Places, town: "Town", founding: Any) -> Iterator["Population"]:
    """The people of 2015 after five years at the rates of these years, by seed."""
    from abm.alignment import align
    from abm.known.scenario import read_scenario
    from abm.levers import neutral
    from abm.people.outputs import blank
    from abm.simulation import FixedPlan, town_at_start
    from abm.year import live_a_year, record_stocks

    scenario = read_scenario(places.scenario_path(town.key, "baseline"))
    migration = scenario.migration.model_copy(update={"intervals": (START,), "milestones": ()})
    scenario = scenario.model_copy(update={"start": START, "end": END, "migration": migration})
    arm = align(_as_then(town), scenario, START, END, founding)
    for seed in SEEDS:
        lived = town_at_start(founding, arm, seed)
        record: Outputs = blank(START, END, founding.fraction)
        record_stocks(lived, record)
        plan = FixedPlan(arm, neutral(END - START))
        for _ in arm.rates.years:
            live_a_year(lived, plan, record)
        yield lived.population


def _as_then(town: "Town") -> "Town":
    """The town with the prefecture's marriages and divorces of before 2015 in place of its own of later years."""
    area, japan = town.setting.area, town.japan
    later = ("marriages", "divorces")
    flows = {
        kind: tuple(replace(flow, events={k: v for k, v in flow.events.items() if k not in later}) for flow in of)
        for kind, of in area.flows.items()
    }

    def early(events: Mapping[int, float]) -> dict[int, float]:
        return {year: number for year, number in events.items() if year < END}

    setting = replace(town.setting, area=replace(area, flows=flows))
    then = replace(japan, marriages=early(japan.marriages), divorces=early(japan.divorces))
    return replace(town, setting=setting, japan=then)
