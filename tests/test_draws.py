"""Chance is a pure function of who, what and when, and looks like chance in every direction."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.draws import (
    Decision,
    alternative,
    bits,
    keys_of,
    mix,
    newborn_key,
    pair_key,
    stream,
    stream_of,
    uniform,
    uniforms,
)
from abm.generator import generator

GAMMA = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
WORDS = st.integers(0, MASK)
SIGMAS = 4.5  # every bound below is this many standard errors; the draws are fixed, so the tests never waver
PEOPLE = keys_of(1, 1, np.arange(40_000))
KNOWN_STREAM = 0x7374EE692FE07AD4
KNOWN_BITS = 0x9B0E7CDC70DE57F4
KNOWN_UNIFORM = 0.605689815348222
KNOWN_KEYS = [0xD70F8EE9363E0F2D, 0x901D7AB2DAD69C50]
KNOWN_NEWBORN = 0x0C6C4DE9102C6766
KNOWN_PAIR = 14021146744333469812
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # words wrap on purpose

everyday = pytest.mark.skipif(generator() != "splitmix", reason="speaks of the everyday generator's own words")


def splitmix(z: int) -> int:
    """The published finaliser in whole numbers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def chi_square(draws: NDArray[np.float64], bins: int = 200) -> float:
    """Distance from uniformity in standard errors of the chi-square statistic."""
    counts = np.histogram(draws, bins=bins, range=(0, 1))[0]
    expected = draws.size / bins
    statistic = ((counts - expected) ** 2 / expected).sum()
    return float((statistic - (bins - 1)) / np.sqrt(2 * (bins - 1)))


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation in standard errors."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1] * np.sqrt(one.size))


def looks_random(table: NDArray[np.float64]) -> None:
    """Uniform as a whole and in each row's mean; neighbouring rows, columns and diagonals are not correlated."""
    assert abs(chi_square(table.ravel())) < SIGMAS
    spread = (table.mean(axis=1) - 0.5) * np.sqrt(12 * table.shape[1])
    assert np.abs(spread).max() < SIGMAS + 1  # the largest of up to some hundred rows
    for one, other in ((table[1:], table[:-1]), (table[:, 1:], table[:, :-1]), (table[1:, 1:], table[:-1, :-1])):
        assert abs(correlation(one, other)) < SIGMAS


def test_the_finaliser_gives_the_published_stream_of_seed_0() -> None:
    words = [int(mix(np.uint64((k * GAMMA) & MASK))) for k in (1, 2, 3)]
    assert words == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@given(WORDS)
def test_the_finaliser_is_the_published_one_everywhere(word: int) -> None:
    assert int(mix(np.uint64(word))) == splitmix(word)


@everyday
@given(seed=WORDS, decision=st.sampled_from(Decision), year=st.integers(0, 3000), key=WORDS)
def test_a_draw_is_two_rounds_over_the_key_in_its_stream(seed: int, decision: Decision, year: int, key: int) -> None:
    word = splitmix((seed + GAMMA) & MASK) ^ ((decision * 0xBF58476D1CE4E5B9) & MASK)
    word = splitmix(splitmix(word) ^ ((year * 0x94D049BB133111EB) & MASK))
    assert int(stream_of(np.uint64(seed), np.uint64(decision), np.uint64(year))) == word
    drawn = splitmix((splitmix(key ^ word) + GAMMA) & MASK)
    assert int(bits(np.uint64(word), np.uint64(key))) == drawn
    assert uniform(np.uint64(word), np.uint64(key)) == (drawn >> 11) / 2**53


@everyday
def test_known_answers_stay() -> None:
    word = stream(1, Decision.BIRTH, 2015)
    assert int(word) == KNOWN_STREAM
    assert int(bits(word, np.uint64(12345))) == KNOWN_BITS
    assert float(uniform(word, np.uint64(12345))) == KNOWN_UNIFORM
    assert [int(key) for key in keys_of(1, 1, np.arange(2))] == KNOWN_KEYS
    assert int(newborn_key(np.uint64(12345), np.uint64(0))) == KNOWN_NEWBORN
    assert int(pair_key(np.uint64(12345), np.uint64(67890))) == KNOWN_PAIR


def test_every_decision_has_a_number_of_its_own() -> None:
    assert len({int(decision) for decision in Decision}) == len(Decision.__members__)
    assert min(Decision) >= 1


@given(seed=st.integers(1, 10**9), year=st.integers(0, 3000), keys=st.lists(WORDS, min_size=1, max_size=20))
def test_arrays_draw_what_rows_draw(seed: int, year: int, keys: list[int]) -> None:
    word, column = stream(seed, Decision.DEATH, year), np.array(keys, dtype=np.uint64)
    drawn = uniforms(word, column)
    assert drawn.tolist() == [uniform(word, key) for key in column]
    assert ((drawn >= 0) & (drawn < 1)).all()


@pytest.mark.parametrize("keys", [PEOPLE, np.arange(40_000, dtype=np.uint64)], ids=["hashed keys", "plain numbers"])
def test_persons_draw_independently_in_every_year(keys: NDArray[np.uint64]) -> None:
    looks_random(np.stack([uniforms(stream(1, Decision.DEATH, year), keys) for year in range(2015, 2061)]))


def test_decisions_draw_independently() -> None:
    looks_random(np.stack([uniforms(stream(1, decision, 2020), PEOPLE) for decision in Decision]))


def test_replications_draw_independently() -> None:
    looks_random(np.stack([uniforms(stream(seed, Decision.LEAVE, 2020), PEOPLE) for seed in range(1, 41)]))


def test_a_person_draws_independently_over_a_long_life_of_decisions() -> None:
    """Few people, many years and decisions: the directions across which a weak key mixing would show."""
    draws = [uniforms(stream(1, decision, year), PEOPLE[:8]) for year in range(1900, 2100) for decision in Decision]
    looks_random(np.stack(draws).T)


def test_alternatives_draw_independently() -> None:
    word, keys = stream(1, Decision.SECTOR, 2020), PEOPLE[:5000]
    choices = [np.array([alternative(key, np.uint64(number)) for key in keys], dtype=np.uint64) for number in range(8)]
    looks_random(np.stack([uniforms(word, choice) for choice in choices]))


def test_pairs_draw_independently_of_both_partners() -> None:
    word = stream(1, Decision.PAIR, 2020)
    for men, women in ((PEOPLE[:200], PEOPLE[200:400]), np.arange(400, dtype=np.uint64).reshape(2, 200)):
        pairs = np.array([[pair_key(man, woman) for woman in women] for man in men], dtype=np.uint64)
        looks_random(uniforms(word, pairs.ravel()).reshape(pairs.shape))


def test_bits_are_as_often_set_as_not() -> None:
    words = np.array([bits(stream(1, Decision.BIRTH, 2015), key) for key in PEOPLE], dtype=np.uint64)
    set_bits = (words[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    assert np.abs((set_bits.mean(axis=0) - 0.5) * 2 * np.sqrt(len(words))).max() < SIGMAS


def test_nobody_shares_a_key() -> None:
    """Founders, arrivals of many years, newborns by order, pairs both ways round: all keys differ."""
    people = PEOPLE[:4000]
    children = [newborn_key(mother, np.uint64(order)) for mother in people for order in range(5)]
    pairs = [pair_key(one, other) for one, other in pairwise(people)]
    back = [pair_key(other, one) for one, other in pairwise(people)]
    arrivals = [keys_of(2, year, np.arange(4000)) for year in range(2015, 2060)]
    hashed = np.array(children + pairs + back, dtype=np.uint64)
    keys = np.concatenate([PEOPLE, hashed, *arrivals])
    assert len(np.unique(keys)) == len(keys)


@given(WORDS, WORDS)
def test_a_pair_is_ordered_and_no_child(one: int, other: int) -> None:
    a, b = np.uint64(one), np.uint64(other)
    if one != other:
        assert mix(a) != mix(b)
        assert pair_key(a, b) != pair_key(b, a)
        assert newborn_key(a, np.uint64(0)) != newborn_key(b, np.uint64(0))
    assert newborn_key(a, np.uint64(0)) != newborn_key(a, np.uint64(1))
    assert newborn_key(a, np.uint64(0)) not in (a, pair_key(a, b))
