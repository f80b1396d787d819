"""How well a founded town meets the figures it was founded on: one row a figure, by what the figure rests on."""

import numpy as np

from abm.founding.base import Base
from abm.founding.census import AGES, group_of
from abm.founding.fit import ASSUMED, CITY, NATION, PREFECTURE, SCALED, YEARS, Fit, FitRow
from abm.founding.jobs import THIRDS
from abm.founding.kinship import FIRST, YOUNGEST_ADULT
from abm.known.assumed import Assumed
from abm.known.town import Town
from abm.people.apportionment import Floats, Integers, Mask
from abm.people.household_types import household_types
from abm.people.population import (
    AWAY,
    EVACUEE,
    FEMALE,
    INSTITUTION,
    MALE,
    MARRIED,
    NATIVE,
    NEVER,
    NONREGULAR,
    OUT_COMMUTER,
    PRIVATE,
    SECTORS,
    SELF_EMPLOYED,
    TOWN,
    UNEMPLOYED,
    Households,
    Persons,
)


def fit_table(
    town: Town,
    base: Base,
    left: Integers,
    persons: Persons,
    households: Households,
    fraction: float,
    vacancies: Floats,
    about: Assumed,
) -> tuple[FitRow, ...]:
    """All rows; left[2, 101] are the real town's natives away, persons and households the founded ones."""
    fit = Fit(fraction)
    here = persons.place == TOWN
    residents = Persons(*(column[here] for column in persons))
    cells = np.zeros((2, AGES), dtype=np.int64)
    np.add.at(cells, (residents.sex, residents.age), 1)
    _city(fit, base, cells, persons, residents, households)
    _prefecture(fit, town, base, cells, persons, residents, households, vacancies)
    _assumptions(fit, town, left, persons, residents, about)
    return tuple(fit.rows)


def _city(
    fit: Fit,
    base: Base,
    cells: Integers,
    persons: Persons,
    residents: Persons,
    households: Households,
) -> None:
    """Constraints (1) to (3): the city's own figures."""
    people, source = base.people, SCALED if base.scaled else CITY
    fit.count("population", CITY, people.sum(), cells.sum(), 0.0)
    for sex, item in ((MALE, "men"), (FEMALE, "women")):
        fit.count(item, CITY, people[sex].sum(), cells[sex].sum(), 0.0)
    worst = np.abs(cells - people * fit.fraction).max()
    fit.share("age_sex_cells", CITY, 0.0, worst, 0.0 if fit.fraction == 1 else 1.0, YEARS)
    aim, types = base.households, household_types(persons, households)
    private = households.kind == PRIVATE
    institutions = households.kind == INSTITUTION
    fit.count("households", source, aim["all"], (private | institutions).sum(), 0.005)
    fit.count("general_households", source, aim["general"], private.sum(), 0.005)
    fit.count("single_households", source, aim["single"], types.single.sum(), 0.005)
    fit.count("nuclear_households", source, aim["nuclear"], types.nuclear.sum(), 0.005)
    fit.count("elderly_couples", source, aim["elderly_couple"], types.elderly_couple.sum(), 0.005)
    fit.count("elderly_singles", source, aim["elderly_single"], types.elderly_single.sum(), 0.005)
    outside = people.sum() - aim["members"]
    fit.count("institution_residents", source, outside, households.size[institutions].sum(), 0.005)
    employed = residents.sector >= 0
    for sex, name in ((MALE, "men"), (FEMALE, "women")):
        of_sex = residents.sex == sex
        fit.count(f"employed_{name}", source, base.employed[sex], (employed & of_sex).sum(), 0.01)
        looking = (residents.work == UNEMPLOYED) & of_sex
        fit.count(f"unemployed_{name}", source, base.unemployed[sex], looking.sum(), 0.01)
    for item, names, target in zip(("primary", "secondary", "tertiary"), THIRDS, base.sectors, strict=True):
        places = [SECTORS.index(name) for name in names]
        fit.count(item, source, target, np.isin(residents.sector, places).sum(), 0.01)
    fit.count("evacuees", CITY, base.evacuees, (residents.origin == EVACUEE).sum(), 0.01)


def _grouped(values: Integers, groups: int) -> Integers:
    """Sums over the adult age groups, [2, groups] of [2, 101]."""
    group = group_of(FIRST, groups)
    return np.stack([values[:, group == g].sum(axis=1) for g in range(groups)], axis=1)


def _cells_where(residents: Persons, chosen: Mask) -> Integers:
    """Residents for whom `chosen` holds, by sex and single age."""
    cells = np.zeros((2, AGES), dtype=np.int64)
    np.add.at(cells, (residents.sex[chosen], residents.age[chosen]), 1)
    return cells


def _prefecture(
    fit: Fit,
    town: Town,
    base: Base,
    cells: Integers,
    persons: Persons,
    residents: Persons,
    households: Households,
    vacancies: Floats,
) -> None:
    """Constraint (4) and the other figures that are borrowed from the prefecture."""
    japan = town.japan
    groups = japan.employed_rate.shape[1]
    there = _grouped(cells, groups)
    civil = [_grouped(_cells_where(residents, residents.civil == state), groups) for state in range(4)]
    states = np.stack(civil, axis=-1)
    employed = residents.sector >= 0
    at_work = _grouped(_cells_where(residents, employed), groups)
    for sex, name in ((MALE, "men"), (FEMALE, "women")):
        whole = 0.0 if fit.fraction == 1 else 2.0 / max(there[sex].min(), 1)  # persons of a sample are whole
        most = 0.05 + whole
        weight = there[sex] / max(there[sex].sum(), 1)
        for state, item in ((NEVER, "never_married"), (MARRIED, "married")):
            target = (japan.civil_share[sex, :, state] * weight).sum()
            share = states[sex, :, state].sum() / max(there[sex].sum(), 1)
            fit.share(f"{item}_{name}", PREFECTURE, target, share, 0.06 * target)
        gaps = states[sex] / np.maximum(there[sex], 1)[:, None] - japan.civil_share[sex]
        fit.share(f"civil_worst_{name}", PREFECTURE, 0.0, np.abs(gaps).max(), most)
        target = (japan.employed_rate[sex] * weight).sum()
        rate = at_work[sex].sum() / max(there[sex].sum(), 1)
        fit.share(f"employed_rate_{name}", PREFECTURE, target, rate, 0.06 * target)
        gaps = at_work[sex] / np.maximum(there[sex], 1) - japan.employed_rate[sex]
        fit.share(f"employed_worst_{name}", PREFECTURE, 0.0, np.abs(gaps).max(), most)
        of_sex = employed & (residents.sex == sex)
        out = (of_sex & (residents.workplace == OUT_COMMUTER)).sum() / max(of_sex.sum(), 1)
        fit.share(f"out_commuters_{name}", PREFECTURE, japan.out_commuter_share[sex], out, 0.01)
    own = (residents.work == SELF_EMPLOYED).sum() / max(employed.sum(), 1)
    fit.share("self_employed", PREFECTURE, japan.self_employed_share, own, 0.01)
    employees = employed & (residents.work != SELF_EMPLOYED)
    part = (residents.work == NONREGULAR).sum() / max(employees.sum(), 1)
    officers = japan.work["employees"] / (japan.work["employees"] + japan.work["officers"])
    fit.share(
        "nonregular",
        PREFECTURE,
        japan.nonregular_share_employees * officers,
        part,
        0.02 + fit.chance(employees.sum()),
    )
    types = household_types(persons, households)
    alone = types.elderly_single[residents.household]
    men = (alone & (residents.sex == MALE)).sum() / max(alone.sum(), 1)
    fit.share("elderly_single_men", PREFECTURE, japan.elderly_single_share_male, men, 0.03)
    lone = japan.lone_mother_households / japan.households["general_households"] * base.households["general"]
    chance = 2 * fit.chance(lone * fit.fraction)  # no constraint holds it in a sample
    fit.count("lone_mothers", PREFECTURE, lone, types.lone_mother.sum(), 0.25 + chance)
    fit.count("vacancies", PREFECTURE, japan.vacancies * base.employed.sum() / japan.employed_total,
              vacancies.sum() * fit.fraction, 0.01)  # fmt: skip


def _assumptions(fit: Fit, town: Town, left: Integers, persons: Persons, residents: Persons, about: Assumed) -> None:
    """What rests on the nation's tables and on named assumptions."""
    order = _birth_order(residents, persons)
    young = (residents.age < 5) & (order > 0)
    births = town.japan.births_by_order
    for rank, item in ((1, "first_births"), (2, "second_births")) if births else ():
        fit.share(
            item,
            NATION,
            births[str(rank)],
            (order[young] == rank).sum() / max(young.sum(), 1),
            0.08 + fit.chance(young.sum()),
        )
    men = (residents.sex == MALE) & (residents.age >= 20) & (residents.age < 40) & (residents.sector >= 0)
    part = (residents.work[men] == NONREGULAR).sum() / max(men.sum(), 1)
    fit.share("nonregular_men_20_39", ASSUMED, about.nonregular_share_men_20_39, part, 0.02 + fit.chance(men.sum()))
    here = residents.origin != EVACUEE
    outside = (here & (residents.origin != NATIVE)).sum() / max(here.sum(), 1)
    fit.share("non_natives", ASSUMED, about.non_native_share, outside, 0.01)
    husbands = (residents.sex == MALE) & (residents.partner >= 0)
    gap = residents.age[husbands].astype(np.float64) - persons.age[residents.partner[husbands]]
    # the assumed gap is that of today's weddings; it was up to a year wider when older couples married
    fit.share("age_gap", ASSUMED, about.partner_age_gap_mean, gap.mean() if len(gap) else 0.0, 1.0, YEARS)
    past = (residents.sex == FEMALE) & (residents.age >= 50)
    parity = residents.parity[past].mean() if past.any() else 0.0
    fit.share("completed_parity", ASSUMED, about.completed_parity, parity, 0.1, YEARS)
    minors = (residents.age < YOUNGEST_ADULT) & (residents.mother >= 0)
    never = persons.civil[residents.mother[minors]] == NEVER
    fit.share(
        "outside_union",
        ASSUMED,
        about.births_outside_union,
        never.mean() if minors.any() else 0.0,
        0.01 + fit.chance(minors.sum()),
    )
    away = (persons.place == AWAY) & (persons.origin == NATIVE) & (persons.age >= 20) & (persons.age < 50)
    fit.count("away_20_49", ASSUMED, left[:, 20:50].sum(), away.sum(), 0.01)  # what the census cohorts leave room for


def _birth_order(residents: Persons, persons: Persons) -> Integers:
    """The order of birth of each resident among the children that are linked to the same mother (0: no
    mother).
    """
    rows = np.flatnonzero(residents.mother >= 0)
    rows = rows[np.lexsort((-residents.age[rows].astype(np.int64), residents.mother[rows]))]
    mother = residents.mother[rows]
    new = np.concatenate([[True], mother[1:] != mother[:-1]]) if len(rows) else np.zeros(0, dtype=np.bool_)
    place = np.arange(len(rows))
    order = np.zeros(len(residents.key), dtype=np.int64)
    order[rows] = place - np.maximum.accumulate(np.where(new, place, 0)) + 1
    return order
