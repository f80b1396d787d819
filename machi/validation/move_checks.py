"""Checks of who leaves, comes home and comes from elsewhere: one run without policy, and one that brings movers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from abm.decisions.migration import GOING_HOME
from abm.followed.varieties import kinds_now
from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.levers import LEVER_INDEX, LEVERS, neutral
from abm.living_town import Town
from abm.people.outputs import Outputs
from abm.people.population import AWAY, BUILDER, EVACUEE, FARMER, FOREIGN, MALE, NATIVE, RECRUITED, SUPPORTED, TOWN
from abm.simulation import FixedPlan, begin
from abm.year import live_a_year
from machi.validation.check import Check

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
FIRST_YEARS = 5  # over which yearly flows are averaged
COHORTS = 6  # years whose leavers are followed to the horizon age
HORIZON = 55  # lifetime return is counted to this age, as when its level is solved
AFTER_SCHOOL, AFTER_COLLEGE = (17, 18), (22,)  # ages on the stock date before leaving
AMOUNT = 300.0  # movers or households a year whom a lever brings in the check of retention
BROUGHT = (
    ("settlers_families", SUPPORTED, "supported_retention"),
    ("foreign_arrivals", RECRUITED, "foreign_retention"),
    ("settlers_primary", FARMER, "primary_retention"),
)
MODEL = "expected of the construction from the censuses of 1980-2015"


@dataclass
class Watched:
    """What is noted of a run, year by year, beside its record."""

    left: dict[int, list[Keys]] = field(default_factory=dict)  # by age at leaving: keys of natives, year by year
    returned: list[Keys] = field(default_factory=list)  # natives of 18 and over
    return_ages: Floats = field(default_factory=lambda: np.zeros(101))
    grown: list[Keys] = field(default_factory=list)  # natives away at the horizon age
    home: float = 0.0  # evacuees who went home
    origins: list[NDArray[np.int64]] = field(default_factory=list)  # residents by origin, on each stock date
    pupils: list[tuple[Keys, Keys]] = field(default_factory=list)  # keys of natives in town aged 15, aged 20


def move_checks(founding: Founding, reference: Reference, seed: int = 1) -> list[Check]:
    """Every check of moves on a founded town and its reference arm; those of decades where the arm is that long."""
    record, seen = _watched(founding, reference, seed)
    rows = [*_away_rows(founding, record, seen), *_arrival_rows(reference, record, seen)]
    if len(reference.rates.years) >= COHORTS + HORIZON - AFTER_SCHOOL[0]:
        rows.append(_lifetime(seen))
    if len(reference.rates.years) > FIRST_YEARS:
        rows += [*_flow_rows(reference, seen), _school_leavers(seen)]
        rows += [_retention(founding, reference, seed, *lever) for lever in BROUGHT]
    return rows


def _watched(founding: Founding, reference: Reference, seed: int) -> tuple[Outputs, Watched]:
    """One run without policy and what is seen of it."""
    levers = neutral(len(reference.rates.years))
    town, record = begin(founding, reference, levers, seed)
    plan, seen = FixedPlan(reference, levers), Watched()
    _note_stock(town, seen)
    for _ in reference.rates.years:
        persons, n = town.population.persons, town.population.n
        native = persons.origin[:n] == NATIVE
        here, there = native & (persons.place[:n] == TOWN), native & (persons.place[:n] == AWAY)
        keys, ages = persons.key[:n].copy(), persons.age[:n].copy()
        evacuee = (persons.origin[:n] == EVACUEE) & (persons.place[:n] == TOWN)
        kinds = kinds_now(town, plan.moves(town))
        seen.home += float(np.count_nonzero(kinds[persons.household[:n][evacuee]] == GOING_HOME))
        live_a_year(town, plan, record)
        _note_moves(town, seen, keys, ages, here, there)
        _note_stock(town, seen)
    return record, seen


def _note_moves(
    town: Town, seen: Watched, keys: Keys, ages: NDArray[np.int8], here: NDArray[np.bool_], there: NDArray[np.bool_]
) -> None:
    """Natives who have left and returned since the columns were looked at."""
    persons, n = town.population.persons, town.population.n
    in_town, away = (persons.key[:n][persons.place[:n] == place] for place in (TOWN, AWAY))
    if len(seen.origins) <= COHORTS:
        for age in (*AFTER_SCHOOL, *AFTER_COLLEGE):
            of_age = keys[here & (ages == age)]
            seen.left.setdefault(age, []).append(of_age[np.isin(of_age, away)])
    abroad = there & (ages >= 18)
    back = abroad & np.isin(keys, in_town)
    seen.returned.append(keys[back & (ages < HORIZON)])
    if len(seen.origins) <= FIRST_YEARS:
        seen.return_ages += np.bincount(ages[back], minlength=101)[:101]
    seen.grown.append(keys[abroad & (ages == HORIZON - 1) & ~back])


def _note_stock(town: Town, seen: Watched) -> None:
    """Residents by origin, and the natives whose leaving after school is followed."""
    persons, n = town.population.persons, town.population.n
    here = persons.place[:n] == TOWN
    seen.origins.append(np.bincount(persons.origin[:n][here], minlength=8))
    native = here & (persons.origin[:n] == NATIVE)
    seen.pupils.append((persons.key[:n][native & (persons.age[:n] == 15)],
                        persons.key[:n][native & (persons.age[:n] == 20)]))  # fmt: skip


def _away_rows(founding: Founding, record: Outputs, seen: Watched) -> Iterator[Check]:
    """The stock of the away and its returns, which are printed for Iwaki; the share that ever left, and the ages."""
    persons, people = founding.population.persons, founding.population
    n = people.n
    native = (persons.origin[:n] == NATIVE) & (persons.age[:n] >= 20) & (persons.age[:n] < 50)
    group = persons.age[:n] // 5
    away = np.bincount(group[native & (persons.place[:n] == AWAY)], minlength=10)[4:10]
    there = np.bincount(group[native & (persons.place[:n] == TOWN)], minlength=10)[4:10]
    years = min(FIRST_YEARS, len(record.returns))
    if founding.town == "iwaki":
        stock = float(away.sum()) / founding.fraction
        yield Check("away", "stock", "natives away at 20-49", "市外の出身者（20〜49歳）", 46_000.0, 39_000.0, 53_000.0,
                    stock, MODEL, "assumed")  # fmt: skip
        yearly = sum(len(keys) for keys in seen.returned[:years]) / years / founding.fraction
        yield Check("away", "returns", "U-turns a year", "年間Uターン者数", 1_300.0, 800.0, 1_800.0, yearly, MODEL,
                    "assumed")  # fmt: skip
    share = float((away / np.maximum(away + there, 1)).max())
    yield Check("away", "ever_left", "natives away, highest share of five cohorts",
                "市外にいる出身者の割合（5歳階級の最大）",
                float("nan"), 0.0, 0.85, share, "bound of the construction", "assumed")  # fmt: skip
    smooth = np.convolve(seen.return_ages, np.ones(3), mode="same")
    yield Check("away", "peak_age", "age at which most return", "Uターンが最も多い年齢", 22.0, 22.0, 25.0,
                float(smooth.argmax()), "IPSS 8th survey on migration 2016: peak at 22", "nation")  # fmt: skip


def _arrival_rows(reference: Reference, record: Outputs, seen: Watched) -> Iterator[Check]:
    """Who comes: families that return, and men."""
    years = min(FIRST_YEARS, len(record.returns))
    table = reference.arrivals
    foreign = float(np.count_nonzero(table.origin[: reference.arrivals_from[years]] == FOREIGN)) * record.fraction
    came = float(record.moves_in[:years].sum())
    yield Check("away", "share_of_arrivals", "returners with families among domestic arrivals",
                "国内転入者に占めるUターン世帯員の割合",
                0.2, 0.1, 0.3, float(record.returns[:years].sum()) / max(came - foreign, 1.0), MODEL,
                "assumed")  # fmt: skip
    yield Check("away", "men_among_arrivals", "men among those who move in", "転入者に占める男性の割合",
                0.63, 0.5, 0.65,
                float(record.moves_in[:years, MALE].sum()) / max(came, 1.0),
                "in-migrants to Fukushima 2015: 63 % men, with reconstruction workers", "prefecture")  # fmt: skip


def _lifetime(seen: Watched) -> Check:
    """Lifetime return of those who left after school or college (two to one), of those alive at the horizon age."""
    back, grown = np.concatenate(seen.returned), np.concatenate(seen.grown)

    def share(ages: tuple[int, ...]) -> float:
        keys = np.concatenate([keys for age in ages for keys in seen.left[age]])
        once = np.isin(keys, back)
        alive = once | np.isin(keys, grown)
        return float(once.sum()) / max(int(alive.sum()), 1)

    value = (2 * share(AFTER_SCHOOL) + share(AFTER_COLLEGE)) / 3
    return Check("away", "lifetime_return", "leavers at 18 and 22 who return by 55",
                 "18歳・22歳の転出者が55歳までに戻る割合",
                 0.44, 0.38, 0.5, value, "IPSS 8th survey on migration 2016, prefecture level", "nation")  # fmt: skip


def _school_leavers(seen: Watched) -> Check:
    """Natives of 15 in town who are no longer there at 20; the city's figure counts school-leavers of one spring."""
    young, old = seen.pupils[0][0], seen.pupils[FIRST_YEARS][1]
    value = 1 - float(np.isin(young, old).sum()) / max(len(young), 1)
    return Check("away", "school_leavers", "natives of 15 away at 20 (city: 0.6-0.7 leave after school; no target)",
                 "15歳の出身者のうち20歳で市外にいる割合（市：卒業者の6〜7割、目標ではない）", 0.65, 0.0, 1.0, value,
                 "Iwaki City 2017: 60-70 % of high-school leavers", "city")  # fmt: skip


def _flow_rows(reference: Reference, seen: Watched) -> Iterator[Check]:
    """Flows that end or leave: evacuees, reconstruction workers, foreign residents."""
    first, years = seen.origins[0], len(reference.rates.years)
    promised = float(reference.rates.evacuees_home.sum())
    if first[EVACUEE] and promised > 0:
        yield Check("flows", "evacuees_home", "evacuees who go home", "帰還する避難者の割合", promised, 0.85 * promised,
                    1.05 * promised, seen.home / float(first[EVACUEE]), "the scenario", "assumed")  # fmt: skip
    if first[BUILDER]:
        end = int(reference.moves.builders_until[0] - reference.rates.years[0])
        date = min(end + FIRST_YEARS, years)
        gone = 1 - float(seen.origins[date][BUILDER]) / float(first[BUILDER])
        yield Check("flows", "builders_gone", "reconstruction workers gone five years after the end",
                    "復興終了5年後までに転出した復興作業員の割合", 1.0, 0.9 if date > end else 0.0, 1.0, gone,
                    "evenly until the year of the end", "assumed")  # fmt: skip
    if first[FOREIGN]:
        change = float(seen.origins[FIRST_YEARS][FOREIGN]) / float(first[FOREIGN])
        yield Check("flows", "foreign_stock", "foreign residents after five years, at the start 1",
                    "5年後の外国人住民（開始時=1）", 1.3, 0.7, 1.7, change,
                    "register: 1.3 to 1.4 in Iwaki 2014-2018; moves of the newest five years, held",
                    "city")  # fmt: skip


def _retention(founding: Founding, reference: Reference, seed: int, amount: str, origin: int, lever: str) -> Check:
    """Of the adults whom a lever brought in the first year, those still here five years later."""
    levers = neutral(len(reference.rates.years))
    levers[0, LEVER_INDEX[amount]] = AMOUNT / max(founding.fraction, AMOUNT / LEVERS[LEVER_INDEX[amount]].high)
    town, record = begin(founding, reference, levers, seed)
    plan, here = FixedPlan(reference, levers), [0, 0]
    for y in range(FIRST_YEARS + 1):
        live_a_year(town, plan, record)
        if y in (0, FIRST_YEARS):
            persons, n = town.population.persons, town.population.n
            came = (persons.origin[:n] == origin) & (persons.place[:n] == TOWN)
            here[y > 0] = int(np.count_nonzero(came))
    target, name = LEVERS[LEVER_INDEX[lever]].neutral, LEVERS[LEVER_INDEX[lever]]
    error = 3 * np.sqrt(target * (1 - target) * 2 / max(here[0], 1))  # couples stay or go together
    return Check("flows", lever, name.meaning_en, name.meaning_ja, target, max(target - error, 0.0),
                 min(target + error, 1.0), here[1] / max(here[0], 1), "the lever's own unit", "assumed")  # fmt: skip
