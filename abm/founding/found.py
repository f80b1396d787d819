"""Census or register -> people and households of a town at its start, with a table of how well they fit."""

import math
from dataclasses import dataclass

import numpy as np

from abm.draws import keys_of
from abm.errors import InputError
from abm.founding.base import Base, census_base, launch_stock
from abm.founding.census import scaled
from abm.founding.emigrants import Away, Residents, emigrants, stock
from abm.founding.fit import FitRow
from abm.founding.fit_table import fit_table
from abm.founding.homes import Homes, HomeTargets, homes_of
from abm.founding.homes import Residents as Neighbours
from abm.founding.jobs import Jobs, Workers, jobs_of
from abm.founding.kinship import Kin, civil_states, kin_of
from abm.founding.origins import Origins, evacuee_households, non_native_rate, origins_of
from abm.founding.register_base import register_base
from abm.known.assumed import Assumed, assumed
from abm.known.hazards import first_marriage_schedule
from abm.known.scenario import Basis
from abm.known.town import Town
from abm.people.apportionment import Floats, Integers, Lot, Lots
from abm.people.population import (
    AWAY,
    HOUSEHOLD_TYPES,
    IN_TOWN,
    INCOMER,
    INSTITUTION,
    NATIVE,
    OUT_COMMUTER,
    PERSON_TYPES,
    PRIVATE,
    SECTORS,
    TOWN,
    Households,
    Persons,
    Population,
)

__all__ = ["FitRow", "Founding", "found"]

INFANT = 3  # years below which a child keeps its mother from work


@dataclass(frozen=True, eq=False)
class Founding:
    """A town at its start; it depends on town, basis, year, fraction and seed only; runs work on
    copies of it.

    in_commuters and vacancies are jobs by sector (float64[7]) and out_commuters persons, all of the real town.
    start: year of the stock.
    """

    population: Population
    fit: tuple[FitRow, ...]
    town: str
    basis: Basis
    fraction: float
    seed: int
    in_commuters: Floats
    out_commuters: float
    vacancies: Floats
    start: int


@dataclass(frozen=True, eq=False)
class _Residents:
    """The residents' columns as they come to be; rows are in the order of households."""

    key: np.ndarray
    age: Integers
    sex: Integers
    civil: Integers
    kin: Kin
    homes: Homes


def _base(town: Town, basis: str, start: int | None, about: Assumed) -> Base:
    """The figures of the basis in a year (default: its newest)."""
    stock = launch_stock(town, basis, start)
    return census_base(town, about) if basis == "census" else register_base(town, stock, about)


def _checked(town: Town, base: Base, fraction: float, seed: int) -> None:
    """Raises InputError where a founding with these arguments cannot be made."""
    if not (math.isfinite(fraction) and 0 < fraction <= 1):
        raise InputError(f"Fraction is {fraction}; give a number above 0 and up to 1.")
    if seed < 1:
        raise InputError(f"The founding seed is {seed}; give a whole number of 1 or more.")
    if round(int(base.people.sum()) * fraction) < 200:
        raise InputError(f"Fraction {fraction} of {town.key} is fewer than 200 people; give a larger fraction.")


def _targets(town: Town, base: Base, fraction: float) -> HomeTargets:
    """The household totals of the scaled town."""
    h = base.households
    elderly_single_men = h["elderly_single"] * town.japan.elderly_single_share_male
    return HomeTargets(
        general=round(h["general"] * fraction),
        single=round(h["single"] * fraction),
        nuclear=round(h["nuclear"] * fraction),
        elderly_couple=round(h["elderly_couple"] * fraction),
        elderly_single=round(h["elderly_single"] * fraction),
        elderly_single_men=round(elderly_single_men * fraction),
        institution=round((int(base.people.sum()) - h["members"]) * fraction),
        institution_homes=max(1, round((h["all"] - h["general"]) * fraction)),
    )


def _settle(town: Town, base: Base, fraction: float, seed: int, about: Assumed) -> _Residents:
    """People of the scaled town with civil status, kin and homes, in the order of households."""
    states = civil_states(town.japan, scaled(base.people, fraction))
    sex, age, civil = (np.repeat(place, states.ravel()) for place in np.indices(states.shape).reshape(3, -1))
    key = keys_of(1, seed, np.arange(len(age)))
    lots = Lots(seed, key)
    kin = kin_of(town.japan, base.start, age, sex, civil, lots, about, first_marriage_schedule(town))
    homes = homes_of(Neighbours(age, sex, kin, lots), _targets(town, base, fraction), about)
    order = np.argsort(homes.household, kind="stable")
    row = np.empty(len(order), dtype=np.int64)
    row[order] = np.arange(len(order))
    partner, mother, father = (
        np.where(link[order] >= 0, row[link[order]], -1) for link in (kin.partner, kin.mother, kin.father)
    )
    kin = Kin(partner, mother, father, kin.parity[order], kin.waiting[order])
    homes = Homes(homes.household[order], homes.size, homes.kind)
    return _Residents(key[order], age[order], sex[order], civil[order], kin, homes)


def _come_from(
    base: Base, who: _Residents, rate: Floats, fraction: float, seed: int, about: Assumed
) -> tuple[Origins, Kin]:
    """Where the residents come from; links between evacuees and people who are none are cut."""
    lots, home = Lots(seed, who.key), who.homes
    private = home.kind == PRIVATE
    lot = lots.of(Lot.EVACUEE)
    refuge = evacuee_households(home.household, home.size, private, lot, round(base.evacuees * fraction))
    evacuee = refuge[home.household]
    links = []
    for link in (who.kin.mother, who.kin.father):
        same = evacuee[np.maximum(link, 0)] == evacuee
        links.append(np.where((link >= 0) & same, link, -1))
    kin = Kin(who.kin.partner, links[0], links[1], who.kin.parity, who.kin.waiting)
    linked = (kin.mother >= 0) | (kin.father >= 0)
    alone = (home.size[home.household] == 1) | ~private[home.household]
    foreign, builders = base.foreign * fraction, round(base.builders * fraction)
    return origins_of(who.age, who.sex, linked, alone, evacuee, lots, rate, about, foreign, builders), kin


def _work(town: Town, base: Base, who: _Residents, fraction: float, seed: int, about: Assumed) -> Jobs:
    """The residents' work; mothers of small children work less, the old in institutions not at all."""
    mother = who.kin.mother[(who.age < INFANT) & (who.kin.mother >= 0)]
    of_infant = np.bincount(mother, minlength=len(who.age)) > 0
    kept = (who.homes.kind[who.homes.household] == INSTITUTION) & (who.age >= 65)
    workers = Workers(who.age, who.sex, of_infant, kept, Lots(seed, who.key))
    return jobs_of(town, base, workers, fraction, about)


def _columns(who: _Residents, origins: Origins, jobs: Jobs, away: Away) -> tuple[Persons, Households]:
    """Persons, residents first, and households."""
    here, there = len(who.age), len(away.age)

    def both(resident: np.ndarray, emigrant: np.ndarray) -> np.ndarray:
        return np.concatenate([resident, emigrant])

    columns = {
        "key": both(who.key, away.key),
        "age": both(who.age, away.age),
        "sex": both(who.sex, away.sex),
        "place": np.repeat([TOWN, AWAY], [here, there]),
        "origin": both(origins.origin, away.origin),
        "tenure": both(origins.tenure, away.tenure),
        "civil": both(who.civil, away.civil),
        "partner": both(who.kin.partner, away.partner),
        "mother": both(who.kin.mother, away.mother),
        "father": both(who.kin.father, away.father),
        "household": both(who.homes.household, np.full(there, -1)),
        "parity": both(who.kin.parity, away.parity),
        "waiting": both(who.kin.waiting, away.waiting),
        "work": both(jobs.work, away.work),
        "sector": both(jobs.sector, away.sector),
        "workplace": both(jobs.workplace, np.full(there, IN_TOWN)),
        "ahead": np.zeros(here + there),
    }
    persons = Persons(*(columns[name].astype(kind) for name, kind in zip(Persons._fields, PERSON_TYPES, strict=True)))
    size, kind = (column.astype(t) for column, t in zip((who.homes.size, who.homes.kind), HOUSEHOLD_TYPES, strict=True))
    return persons, Households(size, kind)


def _slots(town: Town, base: Base, jobs: Jobs, fraction: float) -> tuple[Floats, float, Floats]:
    """In-commuters by sector, out-commuters and vacancies by sector, at the scale of the real town.

    In-commuters are the prefecture's share of those who work in a municipality, none in primary work;
    vacancies are the prefecture's open positions by the town's share of its employed, spread as the jobs in
    town.
    """
    japan = town.japan
    in_town = jobs.sector[(jobs.sector >= 0) & (jobs.workplace == IN_TOWN)]
    residents = np.bincount(in_town, minlength=len(SECTORS)) / fraction
    open_sectors = residents.copy()
    open_sectors[SECTORS.index("primary")] = 0.0
    coming = japan.in_commuter_share / (1 - japan.in_commuter_share) * residents.sum()
    in_commuters = open_sectors / open_sectors.sum() * coming
    slots = residents + in_commuters
    vacancies = japan.vacancies * base.employed.sum() / japan.employed_total * slots / slots.sum()
    return in_commuters, float(np.count_nonzero(jobs.workplace == OUT_COMMUTER) / fraction), vacancies


def found(
    town: Town, basis: str = "census", fraction: float = 1.0, seed: int = 1, start: int | None = None
) -> Founding:
    """A founded town: one row a person for `fraction` of the real one, and those who left it.

    start: the year of the stock (default: the newest of the basis). Ages and sexes are exact, then the city's
    households, then its work; prefecture shares give way to these. On the register, households and work are those of
    the last census, scaled. Raises InputError for a basis, year, fraction or seed that cannot be used.
    """
    about = assumed(town.japan)
    base = _base(town, basis, start, about)
    _checked(town, base, fraction, seed)
    rate = non_native_rate(base.people, base.evacuees, about)
    who = _settle(town, base, fraction, seed, about)
    origins, kin = _come_from(base, who, rate, fraction, seed, about)
    jobs = _work(town, base, who, fraction, seed, about)
    who = _Residents(who.key, who.age, who.sex, who.civil, kin, who.homes)
    settled = np.isin(origins.origin, (NATIVE, INCOMER))
    kept = Residents(who.age, who.sex, who.civil, kin.partner, kin.mother, kin.parity, kin.waiting, settled)
    left = stock(town, base, rate, about)
    away = emigrants(town, left, base.start, fraction, seed, kept, about)
    persons, households = _columns(who, origins, jobs, away)
    in_commuters, out_commuters, vacancies = _slots(town, base, jobs, fraction)
    population = Population(persons, households)
    population.arrange()
    return Founding(
        population=population,
        fit=fit_table(town, base, left, persons, households, fraction, vacancies, about),
        town=town.key,
        basis=base.basis,
        fraction=fraction,
        seed=seed,
        in_commuters=in_commuters,
        out_commuters=out_commuters,
        vacancies=vacancies,
        start=base.start,
    )
