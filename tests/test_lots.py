"""Drawing a whole column at a time finds exactly those whom drawing one by one finds, and nobody out of question."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.draws import uniforms
from abm.people.lots import BLOCK, NEWBORN, drawn, nobody
from abm.people.population import AWAY, MARRIED, TOWN, Persons, empty_persons

KINDS = ((TOWN, 0), (TOWN, 1), (AWAY, 0), (AWAY, 1))  # place, married


def crowd(n: int, seed: int, orderly: bool) -> Persons:
    """Rows of all places, states, sexes and ages, newborns among them; in order of sex and age or in none."""
    chance, persons = np.random.default_rng(seed), empty_persons(n)
    persons.key[:] = chance.integers(0, 1 << 63, n, dtype=np.uint64)
    persons.place[:], persons.civil[:] = chance.integers(0, 3, n), chance.integers(0, 4, n)
    sex, age = chance.integers(0, 2, n), chance.integers(-1, 101, n)
    order = np.lexsort((age, sex)) if orderly else np.arange(n)
    persons.sex[:], persons.age[:] = sex[order], age[order]
    return persons


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 3 * BLOCK),
    seed=st.integers(0, 1 << 30),
    orderly=st.booleans(),
    kind=st.sampled_from(KINDS),
    ages=st.tuples(st.integers(-1, 100), st.integers(-1, 100)).map(sorted),
    chance=st.sampled_from([1e-6, 0.003, 0.5, 1.0]),
)
def test_a_column_drawn_at_once_misses_nobody(
    n: int, seed: int, orderly: bool, kind: tuple[int, int], ages: list[int], chance: float
) -> None:
    persons, (place, married) = crowd(n, seed, orderly), kind
    likeliest = nobody()
    for age in range(ages[0], ages[1] + 1):
        likeliest[place, married, :, age & NEWBORN] = chance * (1 + age % 3) / 3
    found = drawn(persons, n, likeliest, np.uint64(seed + 1)).astype(np.int64)

    bound = likeliest[persons.place, (persons.civil == MARRIED).astype(int), persons.sex, persons.age & NEWBORN]
    lots = uniforms(np.uint64(seed + 1), persons.key)
    below = np.flatnonzero(lots < bound)
    nearly = np.flatnonzero(lots < bound * (1 + 2e-6) + 2.0**-24)
    assert np.all(np.diff(found) > 0)
    assert set(below) <= set(found) <= set(nearly)
    assert np.all(bound[found] > 0)
