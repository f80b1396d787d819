"""A visitor's question: strengths, people, seeds and the year; anything else is refused in one sentence."""

import json
from typing import Any, NamedTuple

from abm.errors import InputError
from machi.serving.bench import SHARES, Bench

MOST_SEEDS = 8  # of one question
MOST_FIRST_SEED = 2**31 - 1 - MOST_SEEDS  # as in experiment files
FIELDS = ("strengths", "people", "seeds", "first_seed", "year")


class Question(NamedTuple):
    """One portfolio, lived under `seeds` seeds from `first_seed` on, and told at `year`."""

    strengths: tuple[tuple[str, float], ...]  # above 0 only, in the order of the packages
    people: str  # a key of SHARES
    seeds: int
    first_seed: int
    year: int


def read_question(text: bytes, bench: Bench) -> Question:
    """The question in a JSON object (InputError naming what cannot be asked)."""
    try:
        asked: Any = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError("question: it is no JSON; send an object.") from error
    if not isinstance(asked, dict) or set(asked) != set(FIELDS):
        raise InputError(f"question: send an object with {', '.join(FIELDS)} and nothing else.")
    strengths = _strengths(asked["strengths"], [package.key for package in bench.packages])
    if not isinstance(asked["people"], str) or asked["people"] not in SHARES:
        raise InputError(f"people: choose from {', '.join(SHARES)}.")
    ground = bench.ground
    return Question(
        strengths,
        asked["people"],
        _whole("seeds", asked["seeds"], 1, MOST_SEEDS),
        _whole("first_seed", asked["first_seed"], 1, MOST_FIRST_SEED),
        _whole("year", asked["year"], ground.start + 1, ground.end),
    )


def _strengths(given: Any, known: list[str]) -> tuple[tuple[str, float], ...]:
    if not isinstance(given, dict):
        raise InputError("strengths: send an object of packages and numbers.")
    for key, value in given.items():
        if key not in known:
            raise InputError(f"strengths: there is no package of that name; choose from {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
            raise InputError(f"strengths: {key} is no strength; give a number from 0 to 1.")
    return tuple((key, float(given[key])) for key in known if given.get(key, 0.0) > 0.0)


def _whole(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{name}: give a whole number from {low} to {high}.")
    return value


def _no_number(name: str) -> float:
    raise ValueError(name)
