"""The keyed stream as raw 32-bit words for a public battery, `python -m benchmarks.battery VIEW | dieharder -g 200`.

A battery expects one long sequence, and the model has none: it draws at (seed, decision, year, person). A view says in
which order these are walked through, the fastest axis last, with arguments as poor as they come: running numbers as
seeds, years and decisions, and persons' keys one after another. Both halves of every 64-bit word are written, the lower
one first. MACHI_STREAM chooses the generator; docs/random-stream.md has the verdict.
"""

import argparse
import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.draws import Decision, Words, alternative, bits, keys_of, pair_key, stream_of

BUFFER = 1 << 17  # draws at a time
YEARS = (2015, 2060)
PEOPLE = 350_000
SEED, DECISION, YEAR, PERSON = range(4)


class View(NamedTuple):
    """An order of the four axes, slowest first, how many seeds and persons there are, and what a person's key is."""

    order: tuple[int, int, int, int]
    seeds: int
    persons: int
    keys: str
    decisions: tuple[Decision, ...] = tuple(Decision)


VIEWS = {
    # every person, one after another, within one decision of one year, as a kernel draws
    "persons": View((SEED, YEAR, DECISION, PERSON), 100, PEOPLE, "founders"),
    # the same with plain numbers 0, 1, 2, ... as keys, which the model never has
    "numbers": View((SEED, YEAR, DECISION, PERSON), 100, PEOPLE, "numbers"),
    # one person's decisions of a year, then the next year's, then the next person
    "lives": View((SEED, PERSON, YEAR, DECISION), 100, PEOPLE, "founders"),
    # one person's same decision in year after year, then the next person's
    "years": View((SEED, DECISION, PERSON, YEAR), 100, PEOPLE, "founders"),
    # replications 1, 2, 3, ... of one draw, then the next person's
    "seeds": View((DECISION, YEAR, PERSON, SEED), 5_000, PEOPLE, "founders"),
    # four replications side by side within a decision, person by person
    "arms": View((YEAR, DECISION, PERSON, SEED), 4, 40 * PEOPLE, "numbers"),
    # every man with every woman, and every person's alternatives, as the marriage market and choices draw
    "pairs": View((SEED, YEAR, DECISION, PERSON), 400, 1_000_000, "pairs", (Decision.PAIR, Decision.CIRCLE)),
    "choices": View((SEED, YEAR, DECISION, PERSON), 400, 1_000_000, "choices", (Decision.SECTOR, Decision.WORKPLACE)),
}


def keys_for(view: View) -> Words:
    """The keys that a view draws with, uint64[persons]."""
    if view.keys == "numbers":
        return np.arange(view.persons, dtype=np.uint64)
    if view.keys == "founders":
        return keys_of(1, 1, np.arange(view.persons))
    side = round(view.persons**0.5)
    people = keys_of(1, 1, np.arange(2 * side))
    return _crossed(people[:side], people[side:], view.keys == "pairs")


@kernel
def _crossed(ones: Words, others: Words, pairs: bool) -> Words:
    """Keys of all pairs of two groups, or of as many alternatives of each of the first."""
    keys = np.empty(len(ones) * len(others), np.uint64)
    for i in range(len(ones)):
        for j in range(len(others)):
            key = pair_key(ones[i], others[j]) if pairs else alternative(ones[i], np.uint64(j))
            keys[i * len(others) + j] = key
    return keys


def streams_for(view: View, first_seed: int) -> Words:
    """The streams of a view, uint64[seeds, decisions, years]."""
    words = np.empty((view.seeds, len(view.decisions), YEARS[1] - YEARS[0]), np.uint64)
    decisions = np.array(view.decisions, dtype=np.uint64)
    _streams(words, np.uint64(first_seed), decisions, np.uint64(YEARS[0]))
    return words


@kernel
def _streams(words: Words, first_seed: np.uint64, decisions: Words, first_year: np.uint64) -> None:
    for s in range(words.shape[0]):
        for d in range(words.shape[1]):
            for y in range(words.shape[2]):
                words[s, d, y] = stream_of(first_seed + np.uint64(s), decisions[d], first_year + np.uint64(y))


@kernel
def fill(
    out: Words, at: NDArray[np.int64], order: NDArray[np.int64], size: NDArray[np.int64], streams: Words, keys: Words
) -> bool:
    """The next draws of a view into `out`, moving `at` on like a mileage counter; False where the view has ended."""
    for n in range(len(out)):
        out[n] = bits(streams[at[SEED], at[DECISION], at[YEAR]], keys[at[PERSON]])
        place = 3
        at[order[place]] += 1
        while at[order[place]] == size[order[place]]:
            at[order[place]] = 0
            place -= 1
            if place < 0:
                return False
            at[order[place]] += 1
    return True


def write(view: View, first_seed: int) -> None:
    """Write a view's words to stdout until the reader has enough or the view ends."""
    keys, streams = keys_for(view), streams_for(view, first_seed)
    size = np.array([*streams.shape, len(keys)])
    at, order = np.zeros(4, np.int64), np.array(view.order)
    out = np.empty(BUFFER, np.uint64)
    more = True
    with open(sys.stdout.fileno(), "wb", 0, closefd=False) as pipe:
        while more:
            more = fill(out, at, order, size, streams, keys)
            left = memoryview(out.astype("<u8", copy=False)).cast("B")
            while left:
                left = left[pipe.write(left) :]


def main() -> int:
    """Write one view; a reader that has had enough ends it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.battery", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("view", choices=VIEWS)
    parser.add_argument("--first-seed", type=int, default=1, help="the first replication; default 1")
    asked = parser.parse_args()
    try:
        write(VIEWS[asked.view], asked.first_seed)
    except BrokenPipeError:
        return 0
    print(f"battery: the view {asked.view} has ended; the reader wanted more words than it holds.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
