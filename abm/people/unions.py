"""The verbs of unions: pair, part, marry somebody from elsewhere who moves in, or who is moved out to."""

import numpy as np

from abm.compiled import kernel, rule
from abm.draws import alternative
from abm.people.population import Codes, Counts, Flags, Households, Persons, Rows
from abm.people.verbs import blank, move_in, new_home

_MARRIED_IN = 1000  # with the year: numbers of keys above every age's, which those who marry away take


@kernel
def pair(
    persons: Persons,
    households: Households,
    counts: Counts,
    men: Rows,
    women: Rows,
    children: Rows,
    child_start: Rows,
    join_parents: Flags,
) -> None:
    """Each man marries the woman beside him; they found a household, or join his parents' where the flag is set.

    `children[child_start[k]:child_start[k + 1]]` are the dependent children whom couple k brings along.
    """
    for k in range(len(men)):
        man, woman = men[k], women[k]
        persons.partner[man] = woman
        persons.partner[woman] = man
        persons.civil[man] = 1
        persons.civil[woman] = 1
        persons.waiting[woman] = -1
        persons.waiting[man] = -1
        m = persons.mother[man]
        if join_parents[k] and m >= 0 and persons.place[m] == 1 and households.kind[persons.household[m]] == 1:
            home = persons.household[m]
        else:
            home = new_home(households, counts, 1)
        if persons.household[man] != home:
            move_in(persons, households, man, home)
        if persons.household[woman] != home:
            move_in(persons, households, woman, home)
        for c in range(child_start[k], child_start[k + 1]):
            if persons.household[children[c]] != home:
                move_in(persons, households, children[c], home)


@kernel
def part(
    persons: Persons,
    households: Households,
    counts: Counts,
    women: Rows,
    to_parents: Flags,
    children: Rows,
    child_start: Rows,
) -> None:
    """Each woman in `women` divorces, and one of the two moves out; the children stay with her.

    The husband returns to his mother's household where his flag is set and she is in town, else founds his own. Where
    the couple lived with his mother, the wife and `children[child_start[k]:child_start[k + 1]]` found one instead.
    """
    for k in range(len(women)):
        woman = women[k]
        man = persons.partner[woman]
        persons.civil[woman] = 3
        persons.partner[woman] = -1
        if man < 0:
            continue
        persons.civil[man] = 3
        persons.partner[man] = -1
        shared = persons.household[woman]
        if persons.household[man] != shared:
            continue
        m = persons.mother[man]
        near = m >= 0 and persons.place[m] == 1 and households.kind[persons.household[m]] == 1
        if near and persons.household[m] == shared:
            home = new_home(households, counts, 1)
            move_in(persons, households, woman, home)
            for c in range(child_start[k], child_start[k + 1]):
                if persons.mother[children[c]] == woman:
                    move_in(persons, households, children[c], home)
        elif near and to_parents[k]:
            move_in(persons, households, man, persons.household[m])
        else:
            move_in(persons, households, man, new_home(households, counts, 1))


@rule
def spouse_from_elsewhere(persons: Persons, counts: Counts, i: int, age: int, number: int) -> int:
    """Marry person i to a new person of the other sex, who is nowhere yet; returns that person's row.

    The key is a hash of i's key and `number`, so that the same marriage brings the same person in every arm.
    """
    j = counts[0]
    counts[0] = j + 1
    blank(persons, j)
    persons.key[j] = alternative(persons.key[i], np.uint64(number))
    persons.age[j] = age
    persons.sex[j] = 1 - persons.sex[i]
    persons.origin[j] = 1
    persons.civil[j] = 1
    persons.civil[i] = 1
    persons.partner[i] = j
    persons.partner[j] = i
    persons.waiting[i] = -1
    persons.waiting[j] = -1
    return int(j)


@kernel
def marry_away(persons: Persons, counts: Counts, rows: Rows, ages: Codes) -> None:
    """Natives away marry somebody from elsewhere, who becomes a row of the away."""
    for k in range(len(rows)):
        i = rows[k]
        j = spouse_from_elsewhere(persons, counts, i, ages[k], 7 + persons.age[i])
        persons.place[j] = 2
        persons.tenure[j] = persons.tenure[i]
        persons.work[j] = persons.work[i]


@kernel
def marry_in(persons: Persons, counts: Counts, rows: Rows, ages: Codes, year: int) -> Rows:
    """Residents marry somebody from elsewhere who moves in: the newcomers' rows, beside `rows`.

    They are in town without a household until `pair` gives the couple one, and of their first year from now on.
    """
    newcomers = np.empty(len(rows), np.int64)
    for k in range(len(rows)):
        j = spouse_from_elsewhere(persons, counts, rows[k], ages[k], _MARRIED_IN + year)
        persons.place[j] = 1
        persons.work[j] = 1
        newcomers[k] = j
    return newcomers


@kernel
def marry_out(persons: Persons, counts: Counts, rows: Rows, ages: Codes) -> None:
    """Residents who have just left town marry the partner whom they moved to.

    Of those who stay rows of the away the partner becomes one; the others are gone, married.
    """
    for k in range(len(rows)):
        i = rows[k]
        persons.civil[i] = 1
        if persons.place[i] != 2:
            continue
        persons.tenure[i] = 0
        j = spouse_from_elsewhere(persons, counts, i, ages[k], 7 + persons.age[i])
        persons.place[j] = 2
        persons.work[j] = persons.work[i]
