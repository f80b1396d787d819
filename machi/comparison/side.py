"""What results say side by side: the common years and packages, effects, differences, ranks and costs."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.errors import InputError
from machi.analysis.concordance import kendall_w, ranks_of
from machi.analysis.paired import COST
from machi.comparison.asked import PEOPLE, PER_COST, Asked, cost_of, gained, of_year, paths, sums
from machi.comparison.pairing import NOTHING, Difference, alone, by_year, difference, hindrances
from machi.comparison.readings import READINGS, front_of
from machi.report.findings import ALL, NONE

Floats = NDArray[np.float64]
OUTCOMES = (PEOPLE, "births", "marriages", "moves_net")
THOUSAND = 1000.0


class Side(NamedTuple):
    """Results side by side; the first is the one with which the others are compared."""

    asked: tuple[Asked, ...]
    run_time: str | None  # the one under which packages are compared; None where no two results share one
    years: tuple[int, ...]  # those in which all results know the residents of the case without policy
    year: int  # the last that all results reach
    packages: list[str]  # those that all results simulated alone until then; none in different towns
    unpaired: dict[str, list[str]]  # why the seeds of a later result do not pair with the first's, by letter
    per_thousand: bool  # whether figures are per 1,000 residents of the first year: the towns differ
    readings: tuple[str, ...] = ()  # other designs that all results have, of packages in common; none across towns
    fronts: tuple[pd.DataFrame, ...] = ()  # each result's portfolios by cost; none across towns
    is_whole: bool = False  # whether all results simulated all packages together until the common year

    @property
    def others(self) -> tuple[Asked, ...]:
        """The results after the first."""
        return self.asked[1:]

    @property
    def has_reference(self) -> bool:
        """Whether the case without policy can be compared in some year."""
        return bool(self.years)

    @property
    def arms(self) -> list[str]:
        """The arms whose effects are compared: packages, and all together."""
        return [*self.packages, *([ALL] if self.is_whole else [])]

    def scale(self, one: Asked) -> float:
        """What a count of a result is multiplied with; its first year is the first that was kept."""
        if not self.per_thousand:
            return 1.0
        return THOUSAND / float(paths(one, NONE, "").iloc[0].mean())


class Effect(NamedTuple):
    """An arm's effect in each result, and each later result's less the first's."""

    arm: str
    values: list[Difference]
    apart: list[Difference]


def side_by_side(asked: Sequence[Asked]) -> Side:
    """Find what the results have in common (InputError where that is nothing)."""
    first = asked[0]
    one_town = len({one.manifest.town.key for one in asked}) == 1
    shared = [name for name in first.run_times if all(name in one.run_times for one in asked)]
    end = min(one.manifest.end for one in asked)
    years = {year for year in set.intersection(*(one.years for one in asked)) if year <= end}
    readings = _readings(asked) if one_town else ()
    fronts = _fronts(asked) if one_town else ()
    if not (years or readings or fronts):
        has = "; ".join(f"{one.folder.name}: {', '.join(one.designs) or 'none'}" for one in asked)
        raise InputError(
            f"compare: these results answer nothing in common ({has}); "
            "name results with a common design, or add [alone] to their experiments."
        )
    year = max(years, default=end)
    run_time = shared[0] if shared and years else None
    arms = set.intersection(*(one.arms(run_time, year) for one in asked)) if run_time else set()
    packages = [key for key in first.packages if key in arms] if one_town else []
    return Side(
        tuple(asked), run_time, tuple(sorted(years)), year, packages,
        {one.letter: hindrances(first, one) for one in asked[1:]}, not one_town, readings, fronts, ALL in arms,
    )  # fmt: skip


def _fronts(asked: Sequence[Asked]) -> tuple[pd.DataFrame, ...]:
    """Each result's portfolios by cost; none where one has no such table, or no budget that could be compared."""
    found = [front_of(one.folder, one.content["files"]) for one in asked]
    kept = tuple(one for one in found if one is not None)
    return kept if len(kept) == len(asked) and dearest(kept) > 0 else ()


def dearest(fronts: Sequence[pd.DataFrame]) -> float:
    """The greatest budget (million yen) that says something of every result: the least of their dearest portfolios'."""
    return min((float(one[COST].max()) for one in fronts), default=0.0)


def _readings(asked: Sequence[Asked]) -> tuple[str, ...]:
    """The readings that all results have, of one package in common or more."""
    return tuple(
        name
        for name in READINGS
        if all(name in one.readings for one in asked)
        and set.intersection(*(set(one.readings[name].index) for one in asked))
    )


def effects(side: Side, arms: Sequence[str], outcome: str = PEOPLE) -> list[Effect]:
    """What arms add to the reference arm in each result until the common year, and the differences between results."""
    if side.run_time is None:
        return []
    found = []
    for arm in arms:
        of_arm = [_added(side, one, arm, outcome) for one in side.asked]
        apart = [
            difference(of_arm[0], other, not side.unpaired[one.letter])
            for one, other in zip(side.others, of_arm[1:], strict=True)
        ]
        found.append(Effect(arm, [alone(one) for one in of_arm], apart))
    return found


def _added(side: Side, one: Asked, arm: str, outcome: str) -> pd.Series:
    run_time = side.run_time or ""
    with_policy, without = (sums(one, which, run_time, outcome, side.year) for which in (arm, NONE))
    return (with_policy - without).dropna() * side.scale(one)


def reference_apart(side: Side) -> list[pd.DataFrame]:
    """The later results' reference arms less the first's, by year; in different towns per 1,000 residents."""
    first = paths(side.asked[0], NONE, "") * side.scale(side.asked[0])
    return [
        by_year(first, paths(one, NONE, "") * side.scale(one), not side.unpaired[one.letter]) for one in side.others
    ]


def gained_by_year(side: Side, arm: str = ALL) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """People whom an arm adds, by year: in each result, and each later result's less the first's."""
    if side.run_time is None or (arm == ALL and not side.is_whole):
        return [], []
    found = [gained(one, arm, side.run_time) * side.scale(one) for one in side.asked]
    own = [
        pd.DataFrame([(year, *alone(of_year(table, year))[:3]) for year in table.index],
                     columns=["year", "value", "low", "high"])
        for table in found
    ]  # fmt: skip
    apart = [
        by_year(found[0], other, not side.unpaired[one.letter])
        for one, other in zip(side.others, found[1:], strict=True)
    ]
    return own, apart


class Ranks(NamedTuple):
    """Ranks of the common packages [packages, results], what they are of, how well they agree, and who changes."""

    packages: list[str]
    ranks: Floats
    by_mu: bool
    concordance: float  # Kendall's W
    pairs: int  # pairs of packages
    turned: list[tuple[str, str]]  # in another order in some result than in the first
    surely: list[tuple[str, str]]  # of these, those that chance does not explain


def ranked(side: Side) -> Ranks | None:
    """The ranks of the packages that all results have; None with fewer than two of them.

    By Morris' mu where all results rank the same packages under this run-time, else by the effect alone in the common
    year. An order is
    sure where the intervals of mu, or that of the paired difference of the two effects, leave out equality.
    """
    keys = side.packages
    if len(keys) < 2 or side.run_time is None:
        return None
    by_mu = all(
        one.headline == side.run_time and one.ranking is not None and set(one.ranking["package"]) == set(keys)
        for one in side.asked
    )
    scores = [_of_mu(one, keys) if by_mu else _of_effects(side, one, keys) for one in side.asked]
    means = np.stack([mean for mean, _ in scores], axis=1)
    turned, surely = [], []
    for i, j in combinations(range(len(keys)), 2):
        signs = np.sign(means[i] - means[j])
        if (signs != signs[0]).any():
            turned.append((keys[i], keys[j]))
            sure = [sign for sign, (_, apart) in zip(signs, scores, strict=True) if apart[i, j]]
            if len(set(sure)) > 1:
                surely.append((keys[i], keys[j]))
    ranks = ranks_of(means)
    return Ranks(keys, ranks, by_mu, kendall_w(ranks), len(keys) * (len(keys) - 1) // 2, turned, surely)


def _of_mu(one: Asked, keys: Sequence[str]) -> tuple[Floats, NDArray[np.bool_]]:
    """Mu by package, and which pairs of intervals do not touch."""
    assert one.ranking is not None, "asked for only where every result has a ranking"
    table = one.ranking.set_index("package").loc[list(keys)]
    low, high = (table[name].to_numpy(dtype=np.float64) for name in ("mu_low", "mu_high"))
    apart = (low[:, None] > high[None, :]) | (low[None, :] > high[:, None])
    return table["mu"].to_numpy(dtype=np.float64), apart


def _of_effects(side: Side, one: Asked, keys: Sequence[str]) -> tuple[Floats, NDArray[np.bool_]]:
    """Effects alone by package, and which pairs differ beyond chance under the same seeds."""
    found = [_added(side, one, key, PEOPLE) for key in keys]
    apart = np.zeros((len(keys), len(keys)), dtype=bool)
    for i, j in combinations(range(len(keys)), 2):
        between = difference(found[i], found[j], True)
        apart[i, j] = apart[j, i] = between.low > 0 or between.high < 0
    return np.array([float(one.mean()) for one in found]), apart


class Cost(NamedTuple):
    """An arm in one result at the result's own horizon: cost in million yen, and people per 100 million yen."""

    million: float
    people: float
    low: float
    high: float


def costs(side: Side, arm: str) -> list[Cost]:
    """What an arm costs in each result, and the people it adds at that result's horizon for 100 million yen."""
    found = []
    for one in side.asked:
        million = cost_of(one, arm, side.run_time or "")
        own = gained(one, arm, side.run_time or "")
        end = one.manifest.end
        effect = alone(of_year(own, end)) if end in own.index else NOTHING
        per = PER_COST / million if million > 0 else math.nan
        found.append(Cost(million, effect.value * per, effect.low * per, effect.high * per))
    return found
