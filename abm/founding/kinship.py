"""Who is married to whom and who is whose child: civil status, couples, mothers and fathers, parity."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from abm.compiled import kernel
from abm.draws import Words, alternative, bits
from abm.founding.census import AGES, birth_rates, death_rates, group_of, split_group_rates
from abm.known.assumed import Assumed
from abm.known.japan import Japan
from abm.people.apportionment import Floats, Integers, Lot, Lots, Mask, largest_remainders, lowest, running_whole
from abm.people.population import DIVORCED, FEMALE, LONGEST, MALE, MARRIED, NEVER, WIDOWED

YOUNGEST_ADULT = 18
FIRST = 15  # lower end of the youngest group of the civil and labour tables


class Kin(NamedTuple):
    """Links between residents: row numbers, -1 where there is none; parity and waiting as in `Persons`."""

    partner: Integers
    mother: Integers
    father: Integers
    parity: Integers
    waiting: Integers


def civil_states(japan: Japan, people: Integers) -> Integers:
    """People by sex, single age and civil state, int64[2, 101, 4]; the prefecture's shares, nobody under 18
    married.
    """
    persons = people.astype(np.float64)
    shares = np.stack([split_group_rates(japan.civil_share[:, :, s], persons, FIRST) for s in range(4)], axis=-1)
    ages = np.arange(AGES)
    shares[:, ages < YOUNGEST_ADULT, 1:] = 0.0
    shares[:, ages < YOUNGEST_ADULT, NEVER] = 1.0
    group = group_of(FIRST, japan.civil_share.shape[1])
    expected = shares / np.maximum(shares.sum(axis=-1, keepdims=True), 1e-12) * persons[:, :, None]
    for _ in range(30):  # rake ages within groups; converges fast since both margins nearly hold
        for g in range(japan.civil_share.shape[1]):
            inside = group == g
            there = expected[:, inside].sum(axis=1)
            wanted = japan.civil_share[:, g] * persons[:, inside].sum(axis=1)[:, None]
            expected[:, inside] *= np.where(there > 0, wanted / np.where(there > 0, there, 1.0), 0.0)[:, None, :]
        total = expected.sum(axis=-1, keepdims=True)
        expected *= np.where(total > 0, persons[:, :, None] / np.where(total > 0, total, 1.0), 0.0)
    counts = np.zeros((2, AGES, 4), dtype=np.int64)
    for state in (WIDOWED, DIVORCED, MARRIED):
        free = people - counts.sum(axis=-1)
        counts[:, :, state] = np.clip(running_whole(expected[:, :, state]), 0, free)
    counts[:, :, NEVER] = people - counts.sum(axis=-1)
    return counts


def couples(age: Integers, sex: Integers, civil: Integers, lots: Lots, about: Assumed) -> Integers:
    """Partner rows (int64[n], -1 without): husbands and wives together, matched by rank of age plus noise."""
    husbands = np.flatnonzero((civil == MARRIED) & (sex == MALE))
    wives = np.flatnonzero((civil == MARRIED) & (sex == FEMALE))
    together = round(min(len(husbands), len(wives)) * (1 - about.spouse_elsewhere))
    first = lots.of(Lot.TOGETHER)
    partner = np.full(len(age), -1, dtype=np.int64)
    sides = []
    for rows, lot in ((husbands, Lot.HUSBAND_AGE), (wives, Lot.WIFE_AGE)):
        rows = np.sort(rows[np.argsort(first[rows], kind="stable")[:together]])
        noise = ndtri(np.clip(lots.among(rows).of(lot), 1e-9, 1 - 1e-9)) * about.age_noise
        sides.append(rows[np.argsort(age[rows] + noise, kind="stable")])
    partner[sides[0]] = sides[1]
    partner[sides[1]] = sides[0]
    return partner


def mothers_alive(japan: Japan, year: int, oldest: int) -> Floats:
    """Probability that the mother of somebody aged 0..oldest is alive, float64[oldest + 1] (national
    schedules).
    """
    alive = np.ones(oldest + 1)
    deaths = death_rates(japan, year)[FEMALE]
    running = np.concatenate([[0.0], np.cumsum(deaths)])
    ages = np.arange(AGES)
    for c in range(oldest + 1):
        births = birth_rates(japan, year - c)
        older = np.minimum(ages + c, AGES)
        alive[c] = (births * np.exp(running[ages] - running[older])).sum() / births.sum()
    return alive


@kernel
def _link(
    children: Integers,
    child_from: Integers,
    parents: Integers,
    parent_from: Integers,
    wanted: Integers,
    pace: Floats,
    spacing: Floats,
    since: Integers,
    keys: Words,
    word: np.uint64,
    parity: Integers,
    last: Integers,
    parent: Integers,
) -> None:
    """Give each child, from the oldest age on, a parent of a wanted age who is ready by union, parity and
    spacing.
    """
    for c in range(len(child_from) - 2, -1, -1):
        j = child_from[c]
        carried = 0
        for m in range(wanted.shape[1]):
            count = parent_from[m + 1] - parent_from[m]
            carried += wanted[c, m]
            if count == 0 or carried == 0:
                continue
            for _ in range(carried):
                child = children[j]
                chosen = -1
                for trial in range(80):
                    word_of_trial = bits(word, alternative(keys[child], np.uint64(trial)))
                    row = parents[parent_from[m] + np.int64((word_of_trial >> np.uint64(32)) % np.uint64(count))]
                    gap = abs(last[row] - c)  # a father of minors may have grown children, too
                    ready = pace[min(parity[row], len(pace) - 1)]
                    if since[row] < c:
                        ready = 0.0
                    if parity[row] > 0:
                        ready *= spacing[min(gap, len(spacing) - 1)]
                    if np.float64(word_of_trial & np.uint64(0xFFFFFFFF)) < ready * 4294967296.0:
                        chosen = row
                        break
                if chosen < 0:  # a small town: whoever has the longest gap, the next in the row of ages first
                    longest = -1
                    for k in range(count):
                        row = parents[parent_from[m] + k]
                        gap = abs(last[row] - c) if parity[row] > 0 else since[row] - c + 200
                        if gap > longest:
                            longest, chosen = gap, row
                parity[chosen] += 1
                last[chosen] = c
                parent[child] = chosen
                j += 1
            carried = 0


def _by_age(rows: Integers, age: Integers, lot: Floats) -> tuple[Integers, Integers]:
    """Rows in order of age and, within an age, of their lots; and where each age 0..100 begins
    (int64[102]).
    """
    rows = rows[np.lexsort((lot[rows], age[rows]))]
    return rows, np.concatenate([[0], np.cumsum(np.bincount(age[rows], minlength=AGES))])


class Parenthood(NamedTuple):
    """What the links of children to parents are made with: the nation's births, the year, ages and lots of
    all.

    since: years since somebody's union began (for those never in a union, since adulthood).
    """

    japan: Japan
    year: int
    age: Integers
    since: Integers
    lots: Lots
    about: Assumed

    def link(
        self, children: Mask, parents: Mask, of: Mask, lag: int, parity: Integers, last: Integers, parent: Integers
    ) -> None:
        """Give `children` parents, whose age at birth is a mother's plus `lag` years; fills parity, last,
        parent.

        The nation's births are those of all whom the mask `of` holds: births of all women of an age, say, fall on the
        few of them who are mothers.
        """
        about, order = self.about, self.lots.of(Lot.CHILD_ORDER)
        kids, kid_from = _by_age(np.flatnonzero(children), self.age, order)
        adults, adult_from = _by_age(np.flatnonzero(parents), self.age, order)
        all_of = np.bincount(np.minimum(self.age[of], AGES - 1), minlength=AGES)
        exposed = np.minimum(all_of, about.most_births * np.diff(adult_from))
        wanted = np.zeros((AGES, AGES), dtype=np.int64)
        ages = np.arange(AGES)
        for c in np.unique(self.age[kids]):
            birth = ages - c - lag
            within = (birth + lag >= about.youngest_mother) & (birth + lag <= about.widest_gap)
            births = np.where(within, birth_rates(self.japan, self.year - int(c))[np.clip(birth, 0, AGES - 1)], 0.0)
            births = np.where(within, births + 1e-7, 0.0)  # a very small town may have nobody at the usual ages
            wanted[c] = largest_remainders(births * exposed, int(kid_from[c + 1] - kid_from[c]))
        covered = wanted.sum(axis=1) == np.diff(kid_from)
        kids = kids[covered[self.age[kids]]]
        kid_from = np.concatenate([[0], np.cumsum(np.where(covered, np.diff(kid_from), 0))])
        pace, spacing = np.array(about.birth_pace), np.array(about.birth_spacing)
        word = self.lots.word(Lot.MOTHER)
        _link(
            kids,
            kid_from,
            adults,
            adult_from,
            wanted,
            pace,
            spacing,
            self.since,
            self.lots.keys,
            word,
            parity,
            last,
            parent,
        )


def parents(with_: Parenthood, sex: Integers, civil: Integers, partner: Integers) -> tuple[Integers, ...]:
    """Mother and father rows, parity of women and the age of each one's youngest linked child (-1: none)."""
    japan, year, age, _, lots, about = with_
    n = len(age)
    mother, father = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    parity, last = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    men, last_of_men = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    minor, kind = age < YOUNGEST_ADULT, lots.of(Lot.CHILD_KIND)
    without = np.where(civil == MARRIED, about.childless_wives, about.childless_divorced)
    married = (sex == FEMALE) & (civil != NEVER) & ((civil == WIDOWED) | (lots.of(Lot.PARITY) >= without))
    alone = (sex == MALE) & ((civil == WIDOWED) | (civil == DIVORCED)) & (age >= YOUNGEST_ADULT)
    never = (sex == FEMALE) & (civil == NEVER) & (age >= YOUNGEST_ADULT) & (age < FIRST + 35)
    of_father = minor & (kind < about.lone_father_children) & (age >= 2)
    outside = minor & (kind > 1 - about.births_outside_union)
    alive = mothers_alive(japan, year, about.oldest_child) * about.mother_here
    link = lots.of(Lot.CHILD_LINK)
    grown = ~minor & (age <= about.oldest_child) & (link < alive[np.minimum(age, about.oldest_child)])
    with_.link(outside, never, never, 0, parity, last, mother)
    with_.link(of_father, alone, alone, 2, men, last_of_men, father)
    left = minor & (mother < 0) & (father < 0)
    with_.link(grown | left, married, sex == FEMALE, 0, parity, last, mother)
    rest = ~minor & (age <= about.oldest_child) & (mother < 0) & (lots.of(Lot.LONE_PARENT) < about.father_here * 0.5)
    with_.link(rest, alone, alone, 2, men, last_of_men, father)
    _nobody_without(minor, age, sex, mother, father, parity, last)
    spouse = np.where(mother >= 0, partner[np.maximum(mother, 0)], -1)
    plausible = (spouse >= 0) & (age[np.maximum(spouse, 0)] - age >= about.youngest_mother)
    father = np.where(plausible, spouse, father)
    return mother, father, parity, np.where(sex == FEMALE, last, last_of_men)


def _nobody_without(
    minor: Mask,
    age: Integers,
    sex: Integers,
    mother: Integers,
    father: Integers,
    parity: Integers,
    last: Integers,
) -> None:
    """In a very small sample a child may be left over: the woman nearest to 30 years older becomes its
    mother.
    """
    women = np.flatnonzero((sex == FEMALE) & (age >= YOUNGEST_ADULT))
    for child in np.flatnonzero(minor & (mother < 0) & (father < 0)):
        gap = age[women] - age[child]
        row = women[np.argmin(np.abs(gap - 30) + np.where(gap < FIRST, AGES, 0))]
        mother[child] = row
        parity[row] += 1
        last[row] = age[child] if last[row] < 0 else min(last[row], age[child])


def years_since_union(age: Integers, sex: Integers, civil: Integers, lot: Floats, schedule: Floats) -> Integers:
    """Years since the first union of the ever-married (since 17 for the others), int64[n].

    schedule[2, ages]: first-marriage hazards; the age at marriage follows them, given that it is past by now.
    """
    married_by = 1 - np.exp(-np.cumsum(schedule, axis=1))
    last = schedule.shape[1] - 1
    since = np.maximum(age - YOUNGEST_ADULT + 1, 0)
    for s in (MALE, FEMALE):
        rows = np.flatnonzero((sex == s) & (civil != NEVER))
        now = np.minimum(age[rows], last)
        at = np.searchsorted(married_by[s], lot[rows] * married_by[s, now])
        since[rows] = np.maximum(age[rows] - np.minimum(at, now), 0)
    return since


def kin_of(
    japan: Japan,
    year: int,
    age: Integers,
    sex: Integers,
    civil: Integers,
    lots: Lots,
    about: Assumed,
    schedule: Floats,
) -> Kin:
    """All links of the residents, with parity filled up past 50 and the years since marriage or the last
    birth.

    schedule[2, ages]: first-marriage hazards by sex and single age.
    """
    partner = couples(age, sex, civil, lots, about)
    since = years_since_union(age, sex, civil, lots.of(Lot.UNION), schedule)
    mother, father, parity, last = parents(Parenthood(japan, year, age, since, lots, about), sex, civil, partner)
    past = (sex == FEMALE) & (age >= 50)
    missing = round(about.completed_parity * int(past.sum())) - int(parity[past].sum())
    eligible = past & (civil != NEVER) & (parity < 3)
    score = parity + lots.of(Lot.PARITY)
    parity[lowest(score, eligible, missing)] += 1
    parity[lowest(score, eligible & (parity < 2), missing - int(eligible.sum()))] += 1
    waiting = np.where(last >= 0, last, np.where((civil == MARRIED) & (sex == FEMALE), since, 0))
    waiting = np.where((sex == MALE) & (partner >= 0), waiting[np.maximum(partner, 0)], waiting)
    return Kin(partner, mother, father, np.where(sex == FEMALE, parity, 0), np.minimum(waiting, LONGEST))
