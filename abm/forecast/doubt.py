"""How unsure rates are: what the same estimator missed in the area's own past, drawn anew for every replication.

Four things are drawn, each from a stream of its own that depends on seed and replication only, so that every arm of a
comparison sees the same draw: the level of births, the level of deaths, the net total of moves (all three wander from
year to year around the central path and are pulled back slowly), and the net moves of single age groups, which stay.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from abm.compiled import kernel
from abm.draws import Decision, Words, keys_of, stream, uniforms
from abm.forecast.cohort import waiting_to_go
from abm.forecast.launch import Launch
from abm.forecast.rates import Rates
from abm.forecast.windows import Window, windows
from abm.known.behaviour import Shape
from abm.known.stocks import AGES, CLOSED, GROUP

Array = NDArray[np.float64]
HALF_STEP = 0.5**54  # half of the distance between two keyed uniforms
GROUPS = CLOSED + 1


class Doubt(NamedTuple):
    """Standard deviations: of log births, log deaths, net moves per resident a year, and of net rates by cell."""

    births: float
    deaths: float
    level: float
    cells: Array  # [2, 16] a year, by sex and five-year group at the start
    kept: float  # share of a deviation that is left in the next year
    sexes: float  # correlation between men and women of one age group


class Draws(NamedTuple):
    """K draws over Y years: factors on births and deaths, and net moves added per resident."""

    births: Array  # [K, Y] factors
    deaths: Array  # [K, Y] factors
    level: Array  # [K, Y] net moves per resident a year, spread over ages in the shape of moves
    cells: Array  # [K, 2, 101] net moves per resident of the age a year


def doubt_of(launch: Launch) -> Doubt:
    """What the windows before a launch missed when each was foreseen from those before it.

    The net total's deviation is the root mean square of these errors, pooled with the assumed `level_prior` as if
    that had been seen `prior_windows` times; so are those of the cells around the total, with a floor.
    """
    shape = launch.shape
    found = sorted(windows(launch._replace(basis="census")), key=lambda one: one.end)
    errors = _one_step_errors(found, shape["window_half_life"])
    people = np.maximum(_starters(launch), 1.0)
    level = np.array([(error * people).sum() / people.sum() for error in errors])
    prior = shape["prior_windows"]
    squares = (np.sum((level / GROUP) ** 2) + prior * shape["level_prior"] ** 2) / (len(level) + prior)
    cells = [(error - one) / GROUP for error, one in zip(errors, level, strict=True)]
    seen = np.sum([cell**2 for cell in cells], axis=0) if cells else np.zeros((2, CLOSED))
    own = (seen.mean(axis=0) + prior * shape["cell_prior"] ** 2) / (len(cells) + prior)
    pooled = np.convolve(np.pad(own, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return Doubt(
        births=shape["births_doubt"],
        deaths=shape["deaths_doubt"],
        level=float(np.sqrt(squares)),
        cells=np.broadcast_to(np.sqrt(pooled), (2, CLOSED)).copy(),
        kept=shape["doubt_kept"],
        sexes=shape["doubt_sexes"],
    )


def _one_step_errors(found: list[Window], half_life: float) -> list[Array]:
    """Each window's rates minus those foreseen from the windows before it, [2, 16] each."""
    errors = []
    for k in range(1, len(found)):
        weights = np.array([0.5 ** ((found[k].end - one.end) / half_life) for one in found[:k]])
        rates = np.array([one.rates for one in found[:k]])
        errors.append(found[k].rates - np.tensordot(weights / weights.sum(), rates, axes=1))
    return errors


def _starters(launch: Launch) -> Array:
    """People of the newest census before the launch, by the 16 groups at the start of five years, [2, 16]."""
    people = [one for one in launch.setting.area.census if one.day <= launch.day][-1].people
    return np.concatenate([people[:, : CLOSED - 1], people[:, CLOSED - 1 :].sum(axis=1, keepdims=True)], axis=1)


def draw(doubt: Doubt, years: int, replications: NDArray[np.int64], seed: int) -> Draws:
    """One draw for each replication number; the same number gives the same draw whatever else is asked for."""
    keys = keys_of(Decision.MOVE_RATES_BY_AGE, seed, replications)

    def path(decision: Decision) -> Array:
        return wandering(decision, keys, years, doubt.kept, seed)

    return Draws(
        births=np.exp(doubt.births * path(Decision.BIRTH_RATES)),
        deaths=np.exp(doubt.deaths * path(Decision.DEATH_RATES)),
        level=doubt.level * path(Decision.MOVE_RATES),
        cells=_single_ages(_cells(doubt, keys, seed)),
    )


def normals(decision: Decision, keys: Words, number: int, seed: int) -> Array:
    """One standard normal for each key, float64[K]: the keyed uniform at the middle of its step, inverted."""
    return np.asarray(ndtri(uniforms(stream(seed, decision, number), keys) + HALF_STEP))


def wandering(decision: Decision, keys: Words, years: int, kept: float, seed: int) -> Array:
    """Paths of variance 1 in every year that keep a share of their deviation from year to year, float64[K, years]."""
    path = np.empty((len(keys), years))
    for y in range(years):
        step = normals(decision, keys, y, seed)
        path[:, y] = step if y == 0 else kept * path[:, y - 1] + np.sqrt(1 - kept**2) * step
    return path


def _cells(doubt: Doubt, keys: Words, seed: int) -> Array:
    """Deviations of the net rates by sex and group, float64[K, 2, 16]; the sexes share a part."""
    drawn = [normals(Decision.MOVE_RATES_BY_AGE, keys, number, seed) for number in range(3 * CLOSED)]
    parts = np.stack(drawn, axis=1).reshape(len(keys), 3, CLOSED)
    mixed = np.sqrt(doubt.sexes) * parts[:, 2:] + np.sqrt(1 - doubt.sexes) * parts[:, :2]
    return np.asarray(doubt.cells * mixed)


def _single_ages(groups: Array) -> Array:
    """Group deviations [K, 2, 16] at single ages [K, 2, 101], linear between the middles of the years lived through."""
    middles = np.arange(CLOSED) * GROUP + GROUP
    place = np.interp(np.arange(AGES) + 0.5, middles, np.arange(CLOSED))
    before = place.astype(np.int64)
    share = place - before
    after = np.minimum(before + 1, CLOSED - 1)
    return np.asarray(groups[..., before] * (1 - share) + groups[..., after] * share)


@kernel
def _paths(
    waiting: Array, start: Array, birth: Array, death: Array, net: Array, male_share: float,
    births: Array, deaths: Array, level: Array, cells: Array, moves: Array,
    kept: NDArray[np.int64], totals: Array, groups: Array,
) -> None:  # fmt: skip
    """Project every draw: totals [K, Y + 1] of all years, groups [K, kept, 2, 17] on the dates that are kept."""
    draws, years = births.shape
    people, after = np.empty((2, 101)), np.empty((2, 101))
    for k in range(draws):
        people[:] = start
        place = 0
        for y in range(years + 1):
            total = 0.0
            for s in range(2):
                for x in range(101):
                    total += people[s, x] + waiting[y, s, x]
            totals[k, y] = total
            if place < len(kept) and kept[place] == y:
                for s in range(2):
                    for x in range(101):
                        groups[k, place, s, min(x // 5, 16)] += people[s, x] + waiting[y, s, x]
                place += 1
            if y == years:
                break
            exposed, newborn = 0.0, 0.0
            for x in range(101):
                exposed += (people[0, x] + people[1, x]) * moves[x]
                newborn += (people[1, x] + waiting[y, 1, x]) * birth[y, x]
            newborn *= births[k, y]
            shift = level[k, y] * total / exposed
            for s in range(2):
                share = male_share if s == 0 else 1 - male_share
                oldest = 0.0
                for x in range(101):
                    rate = max(net[y, s, x] + shift * moves[x] + cells[k, s, x], -0.9)
                    die = min(death[y, s, x + 1] * deaths[k, y], 1.0)
                    left = people[s, x] * (1 + rate) * (1 - die)
                    if x < 99:
                        after[s, x + 1] = left
                    else:
                        oldest += left
                after[s, 100] = oldest
                after[s, 0] = newborn * share * (1 - min(death[y, s, 0] * deaths[k, y], 1.0))
            people[:] = after


class Fan(NamedTuple):
    """Draws of a projection: residents of every date [K, Y + 1]; by sex and group on kept dates [K, kept, 2, 17]."""

    totals: Array
    groups: Array


def project_draws(
    start: Array,
    rates: Rates,
    male_share: float,
    draws: Draws,
    shape: Shape,
    kept: NDArray[np.int64],
    evacuees: float = 0.0,
) -> Fan:
    """Project residents [2, 101] under every draw; `kept` are ascending numbers of years after the start.

    Of the `evacuees` among them those who go home do so as the rates have it: that is not drawn.
    """
    number, years = draws.births.shape
    totals = np.zeros((number, years + 1))
    groups = np.zeros((number, len(kept), 2, GROUPS))
    moves = shape.curve("mover_ages", "movers")
    waiting = waiting_to_go(start, rates, evacuees)
    _paths(
        waiting,
        start - waiting[0],
        rates.birth,
        rates.death,
        rates.net,
        male_share,
        *draws,
        moves,
        kept,
        totals,
        groups,
    )
    return Fan(totals, groups)


def with_chance(groups: Array, horizon: float, rates: Rates, shape: Shape, rng: np.random.Generator) -> Array:
    """Groups [K, 2, 17] after `horizon` years with the chance of single lives added, which a projection has not.

    In a cell, moves and deaths of `horizon` years are independent events: those who are there are counted with the
    variance of the share that is not simply the same people as before; all children born since are.
    """
    gross = 2 * shape.curve("mover_ages", "movers") / 100.0
    changed = 1 - np.exp(-(gross + rates.death[0].mean(axis=0)[1:102]) * horizon)
    by_group = np.array([changed[GROUP * g : GROUP * g + GROUP].mean() for g in range(GROUPS)])
    by_group[: max(int(horizon // GROUP), 1)] = 1.0
    return np.asarray(groups + rng.standard_normal(groups.shape) * np.sqrt(groups * by_group))
