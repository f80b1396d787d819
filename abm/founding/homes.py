"""Who lives with whom: couples and lone parents with their children, people alone, several units under one
roof.
"""

from typing import NamedTuple

import numpy as np

from abm.founding.kinship import YOUNGEST_ADULT, Kin
from abm.founding.roofs import Roofs, under_one_roof
from abm.known.assumed import Assumed
from abm.people.apportionment import Floats, Integers, Lot, Lots, Mask, largest_remainders, lowest, waiting_times
from abm.people.population import FEMALE, INSTITUTION, MALE, PRIVATE

SINGLE_BANDS = (YOUNGEST_ADULT, 20, 25, 35, 50)  # lower ends of the ages of `single_by_age`
OLD, OLD_WIFE = 65, 60  # the census's elderly single, husband and wife


class HomeTargets(NamedTuple):
    """Household totals of the (scaled) town; institution: residents of institutions, and their households."""

    general: int
    single: int
    nuclear: int
    elderly_couple: int
    elderly_single: int
    elderly_single_men: int
    institution: int
    institution_homes: int


class Homes(NamedTuple):
    """household[n]: the household row of each resident; size and kind by household row."""

    household: Integers
    size: Integers
    kind: Integers


class Residents(NamedTuple):
    """What the forming of homes looks at: ages, sexes, kin and lots of all residents."""

    age: Integers
    sex: Integers
    kin: Kin
    lots: Lots

    @property
    def parent(self) -> Integers:
        """The parent with whom somebody would live: mother, else father, else -1."""
        return np.where(self.kin.mother >= 0, self.kin.mother, self.kin.father)


def _have(parent: Integers, children: Mask) -> Mask:
    """Who is the parent of one of these children."""
    rows = parent[children & (parent >= 0)]
    return np.bincount(rows, minlength=len(parent)) > 0


def institution_residents(who: Residents, eligible: Mask, count: int, about: Assumed) -> Mask:
    """Who lives in an institution: the assumed shares of ages, then whoever is oldest."""
    lot, inside = who.lots.of(Lot.INSTITUTION), np.zeros(len(who.age), dtype=np.bool_)
    band = np.searchsorted(np.array(about.institution_ages), who.age, side="right") - 1
    wanted = largest_remainders(np.array(about.institution_shares), count)
    for b in range(len(wanted)):
        inside[lowest(lot, eligible & (band == b), int(wanted[b]))] = True
    inside[lowest(lot - who.age, eligible & ~inside, count - int(inside.sum()))] = True
    return inside


def people_alone(who: Residents, eligible: Mask, aim: HomeTargets, about: Assumed) -> Mask:
    """Who lives alone: the elderly by sex, then younger people, sooner those without a parent here."""
    alone, old = np.zeros(len(who.age), dtype=np.bool_), eligible & (who.age >= OLD)
    with_child = _have(who.parent, eligible & (who.age >= YOUNGEST_ADULT))
    score = who.lots.of(Lot.ELDERLY_SINGLE) + 0.7 * with_child
    men, women = old & (who.sex == MALE), old & (who.sex == FEMALE)
    most = int(men.sum() * about.most_elderly_singles)
    number = min(aim.elderly_single_men, most)
    alone[lowest(score, men, number)] = True
    alone[lowest(score, women, aim.elderly_single - number)] = True
    alone[lowest(score, old & ~alone, aim.elderly_single - int(alone.sum()))] = True
    band = np.searchsorted(SINGLE_BANDS, who.age, side="right") - 1
    by_age = np.array(about.single_by_age)[np.maximum(band, 0)]
    weight = by_age * np.where(who.parent >= 0, about.single_with_parent_here, 1.0)
    race = waiting_times(who.lots.of(Lot.SINGLE), weight)
    young = eligible & (who.age < OLD)
    alone[lowest(race, young, aim.single - int(alone.sum()))] = True
    return alone


class Units(NamedTuple):
    """Couples (first) and lone parents with their unmarried children; joiners are in none.

    unit[n]: -1 or the unit; head[u]: the wife or the lone parent; couples: how many units are couples.
    """

    unit: Integers
    head: Integers
    couples: int
    children: Mask

    def grown_children(self, age: Integers) -> Integers:
        """How many grown children live in each unit, int64[units]."""
        return np.bincount(self.unit[self.children & (age >= YOUNGEST_ADULT)], minlength=len(self.head))

    def minors(self, age: Integers) -> Integers:
        """How many children under 18 live in each unit, int64[units]."""
        return np.bincount(self.unit[self.children & (age < YOUNGEST_ADULT)], minlength=len(self.head))


def family_units(who: Residents, free: Mask, released: Mask) -> Units:
    """The units of those who live neither alone nor in an institution; `free` have no partner here.

    `released` people do not live with their parents.
    """
    parent, minor, partner = who.parent, who.age < YOUNGEST_ADULT, who.kin.partner
    home = (partner >= 0) | free | minor
    candidate = free & ~minor & ~released & (parent >= 0) & home[np.maximum(parent, 0)]
    at_home = minor | (candidate & ~_have(parent, candidate | minor))
    wives = np.flatnonzero((partner >= 0) & (who.sex == FEMALE))
    lone = np.flatnonzero(free & ~minor & ~at_home & _have(parent, at_home))
    head = np.concatenate([wives, lone])
    unit = np.full(len(who.age), -1, dtype=np.int64)
    unit[head] = np.arange(len(head))
    unit[partner[wives]] = np.arange(len(wives))
    unit[at_home] = unit[np.maximum(parent[at_home], 0)]
    return Units(unit, head, len(wives), at_home)


def _elderly(who: Residents, units: Units) -> Mask:
    """Which couples are elderly by the census: husband 65 and over, wife 60 and over."""
    wives = units.head[: units.couples]
    old = (who.age[wives] >= OLD_WIFE) & (who.age[who.kin.partner[wives]] >= OLD)
    return np.concatenate([old, np.zeros(len(units.head) - units.couples, dtype=np.bool_)])


def _children_to_release(who: Residents, units: Units, aim: HomeTargets) -> Mask:
    """Grown children who leave a parental unit so that the totals of households can be met.

    Some elderly couples too few live without children, or there are too few people to make up the other
    households.
    """
    grown, minors = units.grown_children(who.age), units.minors(who.age)
    lot = who.lots.of(Lot.RELEASED)
    of_unit = lot[units.head]
    leave = np.zeros(len(units.head), dtype=np.bool_)
    old = _elderly(who, units)
    lacking = aim.elderly_couple - int((old & (grown + minors == 0)).sum())
    leave[lowest(of_unit + grown, old & (grown > 0) & (minors == 0), lacking)] = True
    others = aim.general - aim.single - aim.nuclear
    joiners = int((units.unit < 0).sum()) - aim.single - aim.institution + int(grown[leave].sum())
    beyond = len(units.head) - aim.nuclear
    short = 2 * others - beyond - joiners
    lone = (np.arange(len(units.head)) >= units.couples) & (grown == 1) & (minors == 0)
    leave[lowest(of_unit, lone & ~leave, short)] = True
    return units.children & (who.age >= YOUNGEST_ADULT) & leave[np.maximum(units.unit, 0)] & (units.unit >= 0)


def _alone_for_good(who: Residents, units: Units, aim: HomeTargets) -> tuple[Mask, Mask]:
    """Elderly couples that live by themselves, and those that share a roof, bool[units] each."""
    size = units.grown_children(who.age) + units.minors(who.age)
    old = _elderly(who, units) & (size == 0)
    married_child = _have(who.kin.mother, units.unit >= 0)[units.head]
    score = who.lots.of(Lot.ELDERLY_COUPLE)[units.head] + 0.3 * ~married_child
    shared = np.zeros(len(units.head), dtype=np.bool_)
    surplus = int(old.sum()) - aim.elderly_couple
    shared[lowest(score, old, surplus)] = True
    return old & ~shared, shared


def homes_of(who: Residents, aim: HomeTargets, about: Assumed) -> Homes:
    """A household for every resident that meets the census's household totals exactly where they can be
    met.
    """
    minor, partner = who.age < YOUNGEST_ADULT, who.kin.partner
    eligible = (partner < 0) & ~minor & ~_have(who.parent, minor)
    inside = institution_residents(who, eligible, aim.institution, about)
    alone = people_alone(who, eligible & ~inside, aim, about)
    free = (partner < 0) & ~minor & ~inside & ~alone
    released = np.zeros(len(who.age), dtype=np.bool_)
    for _ in range(3):  # a release can make a parent a joiner, which changes the need a little
        units = family_units(who, free, released)
        more = _children_to_release(who, units, aim)
        if not more.any():
            break
        released |= more
    units = family_units(who, free, released)
    by_themselves, shared = _alone_for_good(who, units, aim)
    joiner = free & (units.unit < 0)
    core = (units.unit >= 0) & ~units.children
    roofs = under_one_roof(
        Roofs(
            who.age, who.kin.mother, units.unit, units.head, core, joiner, by_themselves, shared,
            units.minors(who.age) > 0, units.couples,
        ),
        aim.nuclear,
        aim.general - aim.single - aim.nuclear,
        who.lots,
        about.elder_gap,
    )  # fmt: skip
    return _numbered(roofs, alone, inside, who.lots.of(Lot.INSTITUTION), aim)


def _numbered(roof: Integers, alone: Mask, inside: Mask, lot: Floats, aim: HomeTargets) -> Homes:
    """Household rows: the roofs, then people alone, then institutions of like size."""
    household = roof.copy()
    first = int(roof.max(initial=-1)) + 1
    household[alone] = first + np.arange(int(alone.sum()))
    first += int(alone.sum())
    residents = np.flatnonzero(inside)
    residents = residents[np.argsort(lot[residents], kind="stable")]
    household[residents] = first + np.arange(len(residents)) % max(aim.institution_homes, 1)
    size = np.bincount(household)
    kind = np.where(np.arange(len(size)) < first, PRIVATE, INSTITUTION)
    return Homes(household, size, kind)
