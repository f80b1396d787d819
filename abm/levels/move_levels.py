"""Base tables of leaving and return: the national mover profile at the town's own totals, relative risks and ties."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.leaving import chances_of_leaving, expect_leavers
from abm.decisions.migration import ALONE_FROM, Moves
from abm.decisions.uturn import mean_tie, returners
from abm.known.area import Flow
from abm.known.behaviour import Shape
from abm.known.hazards import AGES, mover_schedule
from abm.known.stocks import SAME_DAY, stock_on
from abm.known.town import Town
from abm.people.population import BUILDER, FOREIGN, MARRIED, RECRUITED, TOWN, Codes, Persons, Population
from abm.people.roll import roll_of

Array = NDArray[np.float64]
_MOST_MARRIED = 0.95  # of those who come, at any age; an assumption that only wide ranges touch


def gross_out_rates(town: Town, net: Array, people: Array) -> Array:
    """Out-moves per resident a year by sex and age, float64[2, 101]: (M - N) / 2, raked to the city's total.

    M is the national mover profile, twice over (every move is an out- and an in-move), N the net rate; M is raised
    where |N| is larger. The register's out-moves per resident (its newest
    five years) set the level on the people given [2, 101]; without any, the nation's level stands in.
    """
    profile = 2 * np.broadcast_to(mover_schedule(town), (2, AGES))
    moves, exposed = 0.0, 0.0
    for flow in town.setting.area.flows.get("total", ())[-5:]:
        stock = stock_on(town.setting.area.stocks("register"), flow.start)
        if stock is not None and "moves_out" in flow.events:
            moves, exposed = moves + flow.events["moves_out"], exposed + stock.people.sum() * flow.years

    def out(level: float) -> Array:
        gross = np.maximum(profile * level, np.abs(net))
        return np.asarray((gross - net) / 2)

    if not exposed:
        return out(1.0)
    target = moves / exposed * people.sum()
    low, high = 0.05, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if (out(middle) * people).sum() < target else (low, middle)
    return out((low + high) / 2)


def moves_base(town: Town, out: Array, lifetime: float) -> Moves:
    """Relative risks of leaving by family, work and ties on the out-rates, and U-turn hazards by years away."""
    shape, back = town.japan.behaviour["leaving"], town.japan.behaviour["return"]
    kinds = ("with_others", "alone", "couple", "with_preschool", "with_pupils")
    family = np.array([shape[kind] for kind in kinds])
    leave = out[:, :, None] * family
    leave[:, :ALONE_FROM] = 0.0
    leave[:, ALONE_FROM:23] = out[:, ALONE_FROM:23, None]  # leaving after school is everybody's
    by_work = np.array([1.0, shape["outside"], shape["unemployed"], 1.0, 1.0, shape["self_employed"]])
    by_tie = np.array([[1.0, 1.0, shape["remote"]], [1.0, 1.0, shape["remote"]]])
    by_tie[1] *= shape["mother_in_town"]
    by_stay = np.stack([np.ones(11), shape.array("incomer_by_years")])
    own = np.full(8, -1.0)
    own[[FOREIGN, RECRUITED]] = foreign_moves(town).leaving
    own[BUILDER] = 0.0  # by the year, see `builders_until`
    tie = np.array([[1.0, back["partner_from_here"], back["partner_elsewhere"]]] * 2)
    tie[1] *= back["mother_in_town"]
    return Moves(
        leave=leave,
        by_work=by_work,
        by_tie=by_tie,
        by_stay=by_stay,
        two_earners=np.array([shape["two_earners"]]),
        own=own,
        own_factor=np.ones((2, AGES)),
        builders_until=np.array([shape["builders_until"]]),
        short_stay=np.full(8, -1.0),
        uturn=uturn_hazard(back, lifetime),
        return_tie=tie,
        return_pupils=np.array([back["pupils"]]),
        return_remote=np.array([back["remote"]]),
        remote_away=np.zeros(AGES),
        return_extra=np.zeros(AGES),
        homecoming=np.zeros(3),
        to_parents=np.where(np.arange(AGES) < 30, back["to_parents"], 0.0),
    )


class ForeignMoves(NamedTuple):
    """The register's moves of foreign residents."""

    arriving: float  # share of all who move in
    leaving: float  # yearly probability of moving out


def foreign_moves(town: Town) -> ForeignMoves:
    """All moves minus those of the Japanese in the register's newest five years; assumptions where it tells none.

    The flows and stocks of foreign residents are in the municipal register since 2013.
    """
    area, shape = town.setting.area, town.japan.behaviour["leaving"]
    came, all_came, left, years_lived = 0.0, 0.0, 0.0, 0.0
    for total in area.flows.get("total", ())[-5:]:
        japanese = _same_time(total, area.flows.get("japanese", ()))
        here = stock_on(area.stocks("register"), total.start)
        natives = stock_on(area.stocks("register", "japanese"), total.start)
        if japanese is None or here is None or natives is None or not _has_moves(total, japanese):
            continue
        came += total.events["moves_in"] - japanese.events["moves_in"]
        all_came += total.events["moves_in"]
        left += total.events["moves_out"] - japanese.events["moves_out"]
        years_lived += float(here.people.sum() - natives.people.sum()) * total.years
    if min(came, left, years_lived) <= 0:
        return ForeignMoves(0.0, shape["foreign"])
    return ForeignMoves(came / all_came, min(left / years_lived, 1.0))


def _same_time(flow: Flow, others: tuple[Flow, ...]) -> Flow | None:
    """The flow of the same days among others."""
    same = (other for other in others if max(abs(other.start - flow.start), abs(other.end - flow.end)) < SAME_DAY)
    return next(same, None)


def _has_moves(*flows: Flow) -> bool:
    return all(kind in flow.events for flow in flows for kind in ("moves_in", "moves_out"))


def tied(moves: Moves, persons: Persons, n: int) -> Moves:
    """The table with return at the level at which ties leave the founded town's mean return what it would be without.

    The lifetime return of `uturn_hazard` is that of all leavers, whatever their ties.
    """
    return moves._replace(uturn=moves.uturn / mean_tie(persons, roll_of(persons, n), moves))


def uturn_hazard(shape: Shape, lifetime: float) -> Array:
    """Yearly return probabilities by sex, age and years away, float64[2, 101, 61].

    Their level is such that of those who leave at 18 and at 22 (two to one) and survive, `lifetime` return by the
    horizon age.
    """
    relative = np.full(61, shape["later"])
    given = shape.array("by_years_away")
    relative[: len(given)] = given
    horizon = int(shape["horizon_age"])

    def returned(level: float) -> float:
        stays = [np.prod(1 - np.minimum(level * relative[: horizon - age], 0.9)) for age in (18, 22)]
        return float(1 - (2 * stays[0] + stays[1]) / 3)

    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if returned(middle) < lifetime else (low, middle)
    hazard = np.minimum(relative * (low + high) / 2, 0.9)
    left_at = np.arange(AGES)[:, None] - np.arange(61)[None, :]
    of_age = np.where(left_at < shape["young_until"], 1.0, shape["older_leavers"]) * hazard
    return np.broadcast_to(of_age, (2, AGES, 61)).copy()


def leaving_factors(
    population: Population,
    moves: Moves,
    kinds: Codes,
    wanted: tuple[Array, Array],
    wed: tuple[Array, Array],
    passes: int,
    scaled: Callable[[Moves, Array], Moves],
) -> Array:
    """Factors on leaving by sex and age, float64[2, 101]: expected leavers become the gross out-moves wanted.

    `wanted` are out-moves and net moves of the year, [2, 101] each; those who move to marry (`wed`: in, out)
    are a part of them. `scaled` says on which leaving the factors act.
    Where the expected returns alone are more than the gross in-moves, gross moves of the age are raised, so that no
    age would need fewer than no arrivals to keep its net rate.
    """
    persons, n = population.persons, population.n
    returning = np.zeros((2, AGES + 1))
    returners(persons, roll_of(persons, n), moves, np.uint64(0), np.uint64(0), returning)
    out, net = wanted
    gross = np.maximum(out, returning[:, 1:] + wed[0] - net) - wed[1]
    goal = grouped(np.maximum(gross, 0.0))
    factor = np.ones((2, AGES))
    for _ in range(passes):
        expected = np.zeros((2, AGES + 1))
        expect_leavers(persons, n, scaled(moves, factor), kinds, expected)
        factor *= np.clip(goal / np.maximum(grouped(expected[:, 1:]), 1e-9), 0.2, 5.0)
        factor[:, :ALONE_FROM] = 1.0
    return factor


def states_of_arrivals(town: Town, population: Population, moves: Moves, homes: Codes) -> Array:
    """Shares of the four civil states among those who come by sex and age, float64[2, 101, 4]: those who leave.

    Every mover out of a municipality is one into another, so that the nation's arrivals and leavers of an age are as
    often married; the town's own expected leavers of the founded year stand for those who come to it. An age with
    hardly a leaver has the prefecture's shares; `married_as_leavers` multiplies the married.
    """
    persons, n = population.persons, population.n
    chance = chances_of_leaving(persons, n, moves, homes)
    of_group = np.clip(np.arange(AGES) // 5 - 3, 0, town.japan.civil_share.shape[1] - 1)
    shares = town.japan.civil_share[:, of_group].copy()
    adults = np.flatnonzero((persons.place[:n] == TOWN) & (persons.age[:n] >= 18))
    for state in range(4):
        of_state = adults[persons.civil[adults] == state]
        at = persons.sex[of_state].astype(np.int64) * AGES + np.minimum(persons.age[of_state], AGES - 1)
        shares[:, :, state] += grouped(np.asarray(np.bincount(at, chance[of_state], 2 * AGES).reshape(2, AGES), float))
    shares /= shares.sum(axis=2, keepdims=True)
    married = np.minimum(shares[:, :, MARRIED] * town.japan.behaviour["arrivals"]["married_as_leavers"], _MOST_MARRIED)
    shares *= ((1 - married) / np.maximum(1 - shares[:, :, MARRIED], 1e-9))[:, :, None]
    shares[:, :, MARRIED] = married
    return np.asarray(shares)


def grouped(values: Array) -> Array:
    """Sums over neighbouring ages, spread back: single ages 15-24, else five-year groups, [2, 101] -> [2, 101]."""
    ages = np.arange(AGES)
    group = np.where((ages >= ALONE_FROM) & (ages < 25), 100 + ages, np.minimum(ages, 90) // 5)
    _, index = np.unique(group, return_inverse=True)
    sums = np.stack([np.bincount(index, row) for row in values])
    return np.asarray(sums[:, index])
