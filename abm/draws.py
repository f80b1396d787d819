"""Keyed draws: every draw is a pure function of (seed, decision, year, person key [, alternative]).

The generator is SplitMix64's finaliser (Steele, Lea & Flood 2014) applied twice to the person's key mixed with the
stream of (seed, decision, year). No draw depends on the order of rows, on threads or on who else exists, so a person
lives the same life in every arm except where a policy reaches it (common random numbers).

With MACHI_STREAM=philox every word of this module is Philox 4x32-10's instead: the same functions of the same
arguments, by a generator of another construction, to show that no conclusion rests on the first. The choice is a
constant of the process, so compiled code holds one of the two only.
"""

from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.generator import generator
from abm.philox import philox_word

Words = NDArray[np.uint64]  # keys or streams

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_WORD = 0xFFFFFFFFFFFFFFFF
_TWO53 = 1.0 / 9007199254740992.0
_S40 = np.uint64(40)
_TWO24 = 1.0 / 16777216.0
_PHILOX = generator() == "philox"
_DRAW, _NUMBER = np.uint64(0), np.uint64(1)  # the second half of Philox's counter, by what is drawn
# Philox's keys where a person's key is made; seeds are Philox's keys too, and far below
_ALTERNATIVE, _PAIR, _CHILD, _ENTRY = (np.uint64(0xFFFFFFFFFFFFFFFF - k) for k in range(4))


class Decision(IntEnum):
    """The table of decision names; a number, once given, is never used for another decision."""

    FOUNDING = 1
    DEATH = 2
    BIRTH = 3
    SEX_AT_BIRTH = 4
    SEARCH = 5
    PAIR = 6
    CIRCLE = 7
    DIVORCE = 8
    HOME_OF_COUPLE = 9
    LEAVE_SCHOOL = 10
    LEAVE = 11
    EVACUEE_HOME = 12
    UTURN = 13
    ARRIVAL = 14
    MORE_ARRIVALS = 15
    REMOTE = 16
    WORK = 17
    SECTOR = 18
    KIND_OF_WORK = 19
    WORKPLACE = 20
    LEAVE_HOME = 21
    AWAY_MARRIAGE = 22
    AWAY_BIRTH = 23
    AWAY_PARTNER = 24
    MATCHMAKING = 25
    FRACTION = 26
    REMARRY = 27
    SCHOOL = 28
    REGULAR = 29
    INSTITUTION = 30
    FOLLOWED = 31
    CHILD_AGE = 32
    ELDER = 33
    DIVORCED_HOME = 34
    HOME_OF_RETURNER = 35
    WORK_OF_RETURNER = 36
    KIND_OF_RETURNER = 37
    BIRTH_RATES = 38
    DEATH_RATES = 39
    MOVE_RATES = 40
    MOVE_RATES_BY_AGE = 41
    OUTSIDE_PARTNER = 42
    OUTSIDE_AGE = 43
    OUTSIDE_HOME = 44
    BIRTH_TIMING = 47
    CHANGE_OF_KIND = 57
    BACK_HOME = 58
    STRUCTURE = 60


_DECISIONS = max(Decision) + 1


@rule
def mix(z: np.uint64) -> np.uint64:
    """SplitMix64's finaliser of one 64-bit word (np.uint64 -> np.uint64), a bijection."""
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


@rule
def stream_of(seed: np.uint64, decision: np.uint64, year: np.uint64) -> np.uint64:
    """The 64-bit stream of one decision in one year of one replication; all arguments np.uint64."""
    if _PHILOX:
        return philox_word(seed, decision, year)
    return mix(mix(mix(seed + _GOLDEN) ^ (decision * _MIX1)) ^ (year * _MIX2))


@rule
def bits(stream: np.uint64, key: np.uint64) -> np.uint64:
    """64 random bits of a key in a stream: two rounds, so that neighbouring keys and years share nothing."""
    if _PHILOX:
        return philox_word(stream, key, _DRAW)
    return mix(mix(key ^ stream) + _GOLDEN)


@rule
def uniform(stream: np.uint64, key: np.uint64) -> float:
    """A number in [0, 1) with 53 random bits, the draw of `key` in `stream`."""
    return np.float64(bits(stream, key) >> _S11) * _TWO53


@rule
def first_bits(stream: np.uint64, key: np.uint64) -> np.float32:
    """The same draw cut off after its first 24 bits, for those who only want to know whom to look at."""
    return np.float32(bits(stream, key) >> _S40) * np.float32(_TWO24)


@rule
def alternative(key: np.uint64, number: np.uint64) -> np.uint64:
    """The key of one alternative of a choice (np.uint64 number); different alternatives draw independently."""
    if _PHILOX:
        return philox_word(_ALTERNATIVE, key, number)
    return mix(key + (number + np.uint64(1)) * _GOLDEN)


@rule
def pair_key(man: np.uint64, woman: np.uint64) -> np.uint64:
    """The key of an ordered pair of persons."""
    if _PHILOX:
        return philox_word(_PAIR, man, woman)
    return mix(mix(man + _GOLDEN) ^ woman)


@rule
def newborn_key(mother: np.uint64, order: np.uint64) -> np.uint64:
    """A newborn's key: the same child in every arm in which its mother has a child of that order."""
    if _PHILOX:
        return philox_word(_CHILD, mother, order)
    return mix(mix(mother ^ _MIX2) + order * _GOLDEN)


@lru_cache(maxsize=1 << 16)
def stream(seed: int, decision: Decision, year: int) -> np.uint64:
    """The stream of a decision in a year, from plain integers (seed >= 1, year >= 0); equals `stream_of`.

    Kept, because all arms of an experiment share their seeds.
    """
    if _PHILOX:
        return np.uint64(stream_of(np.uint64(seed & _WORD), np.uint64(decision), np.uint64(year)))
    word = _mix_whole(seed + int(_GOLDEN)) ^ (int(decision) * int(_MIX1) & _WORD)
    return np.uint64(_mix_whole(_mix_whole(word) ^ (year * int(_MIX2) & _WORD)))


class Streams(NamedTuple):
    """The streams of all decisions by the decision's number; each equals `stream`."""

    year: Words  # of one year
    ever: Words  # of draws that hold for all years: a person's own thresholds


@lru_cache(maxsize=1 << 12)
def streams_of_year(seed: int, year: int) -> Streams:
    """The streams of a year of one replication."""
    word = np.uint64(seed & _WORD)
    return Streams(_streams_of(word, np.uint64(year), _DECISIONS), _streams_of(word, np.uint64(0), _DECISIONS))


@kernel
def _streams_of(seed: np.uint64, year: np.uint64, decisions: int) -> Words:
    words = np.empty(decisions, np.uint64)
    for decision in range(decisions):
        words[decision] = stream_of(seed, np.uint64(decision), year)
    return words


def _mix_whole(z: int) -> int:
    """`mix` on Python's whole numbers: a few streams a year are quicker without a call into compiled code."""
    z &= _WORD
    z = (z ^ (z >> 30)) * int(_MIX1) & _WORD
    z = (z ^ (z >> 27)) * int(_MIX2) & _WORD
    return z ^ (z >> 31)


def keys_of(kind: int, year: int, numbers: NDArray[Any]) -> Words:
    """Person keys (uint64) of founders and arrivals: a hash of the kind of entry, the year and a running number."""
    return keys_in(np.uint64(entry_base(np.uint64(kind), np.uint64(year))), numbers.astype(np.uint64))


@rule
def entry_base(kind: np.uint64, year: np.uint64) -> np.uint64:
    """What the keys of one kind of entry in one year have in common."""
    if _PHILOX:
        return philox_word(_ENTRY, kind, year)
    return mix(kind * _GOLDEN ^ mix(year + _MIX1))


@rule
def numbered_key(base: np.uint64, number: np.uint64) -> np.uint64:
    """The key of a running number (np.uint64) within one kind of entry and year."""
    if _PHILOX:
        return philox_word(base, number, _NUMBER)
    return mix(mix(number * _GOLDEN ^ base) + _MIX1)


@kernel
def keys_in(base: np.uint64, numbers: Words) -> Words:
    """Keys of running numbers within one kind of entry and year."""
    keys = np.empty(len(numbers), np.uint64)
    for k in range(len(numbers)):
        keys[k] = numbered_key(base, numbers[k])
    return keys


@kernel
def uniforms(stream_word: np.uint64, keys: Words) -> NDArray[np.float64]:
    """The same draws as `uniform`, for a one-dimensional array of keys (float64)."""
    out = np.empty(len(keys))
    for k in range(len(keys)):
        out[k] = uniform(stream_word, keys[k])
    return out
