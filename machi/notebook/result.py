"""What a simulation leaves, as tidy tables: one row a value, with its arm, replication, measure and unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.errors import InputError
from machi.places import suggestion
from machi.runs.outcomes import SEXES, total_by_year

if TYPE_CHECKING:
    from abm.people.outputs import Outputs

REFERENCE = "none"  # the arm without policy
# Yearly totals of the whole town and their units; of a stock on its date, of a flow in the year that begins there.
UNITS: Mapping[str, str] = {
    "population": "persons", "away": "persons", "employed": "persons", "unemployed": "persons",
    "households": "households", "vacancies": "jobs",
    "births": "persons a year", "deaths": "persons a year", "marriages": "couples a year",
    "introduced": "couples a year", "moves_in": "persons a year", "moves_out": "persons a year",
    "returns": "persons a year", "cost": "million yen a year",
}  # fmt: skip
BY_SEX_AND_AGE = (
    "population", "away", "employed", "unemployed", "deaths", "marriages", "divorces", "moves_in", "moves_out",
    "returns",
)  # fmt: skip
BOTH = "T"  # births are counted by the mother's age, both sexes of the child together

Cost = NDArray[np.float64]


@dataclass(frozen=True)
class Result:
    """Every arm of one question in every replication; the same seed in every arm.

    `arms` are their names, `none` first; `seeds` the replications. `years`, `ages` and `effects()` are tables whose
    values speak of the whole town, whatever the fraction that was simulated.
    """

    town: str
    scenario: str
    run_time: str
    fraction: float
    start: int
    end: int
    seeds: tuple[int, ...]
    strengths: Mapping[str, Mapping[str, float]]
    outputs: Mapping[tuple[str, int], "Outputs"]
    cost: Mapping[str, Cost]

    @property
    def arms(self) -> tuple[str, ...]:
        """The names of the arms, the one without policy first."""
        return tuple(self.strengths)

    def __repr__(self) -> str:
        return (
            f"<Result: {self.town}, {self.scenario}, {self.start}-{self.end}, {self.fraction:g} of the people; "
            f"arms {', '.join(self.arms)}; {len(self.seeds)} replications>"
        )

    @cached_property
    def years(self) -> pd.DataFrame:
        """Yearly totals, long: arm, replication (its seed), year, measure, value, unit.

        Stocks stand on the stock dates from start to end; a flow's year is the one that begins on the stock date.
        `introduced` are marriages that matchmaking made, `cost` is what the packages cost (not discounted).
        """
        parts = []
        for (arm, seed), outputs in self.outputs.items():
            for measure, unit in UNITS.items():
                values = self.cost[arm] if measure == "cost" else total_by_year(outputs, measure)
                kept = {"arm": arm, "replication": seed, "year": self.start + np.arange(len(values))}
                parts.append(pd.DataFrame({**kept, "measure": measure, "value": values, "unit": unit}))
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def ages(self) -> pd.DataFrame:
        """Counts by sex and single year of age: arm, replication, year, measure, sex, age, value, unit.

        `sex` is M or F, for births T (by the mother's age, both sexes of the child together); age 100 is 100 and over.
        Marriages and divorces are counted here by persons, in `years` by couples.
        """
        parts = []
        for (arm, seed), outputs in self.outputs.items():
            for measure in (*BY_SEX_AND_AGE, "births"):
                counts = np.asarray(getattr(outputs, measure), dtype=np.float64) / outputs.fraction
                sexes: tuple[str, ...] = SEXES if counts.ndim == 3 else (BOTH,)
                parts.append(_aged(counts.reshape(len(counts), len(sexes), -1), sexes, arm, seed, measure, self.start))
        return pd.concat(parts, ignore_index=True)

    def effects(self, measures: str | Sequence[str] | None = None) -> pd.DataFrame:
        """What each arm adds to the arm without policy, year by year, with the 90 % interval over replications.

        Differences are paired: the same seed in both arms. Columns: arm, year, measure, mean, low, high, error
        (standard error), n, unit. The interval is Student's t and empty (NaN) for a single replication; it holds the
        chance of events and not the doubt about effect sizes, for which there are experiments. `measures` are one or
        several of those in `years` (default: all). Raises `InputError` where there is no arm but `none`, or for a
        measure that there is not.

            >>> import machi
            >>> result = machi.simulate("iwaki", packages={"P03": 0.5}, fraction=0.01, end=2018)
            >>> result.effects("births")[["year", "n", "unit"]].values.tolist()[0]
            [2015, 3, 'persons a year']
        """
        from machi.analysis.paired import estimate

        wanted = [measures] if isinstance(measures, str) else list(measures or UNITS)
        for measure in wanted:
            if measure not in UNITS:
                raise InputError(f"measures: there is no measure `{measure}`; {suggestion(measure, UNITS)}")
        if len(self.arms) < 2:
            raise InputError("effects: every arm is `none`; give packages to simulate().")
        rows = []
        values = self.years.set_index(["measure", "arm", "year", "replication"])["value"]
        for measure in wanted:
            cube = values.loc[measure].unstack("replication")
            for arm in self.arms[1:]:
                paired = cube.loc[arm] - cube.loc[REFERENCE]
                for year, row in zip(paired.index, paired.to_numpy(dtype=np.float64), strict=True):
                    one = estimate(row)
                    rows.append((arm, int(year), measure, one.mean, one.low, one.high, one.error, one.n,
                                 UNITS[measure]))  # fmt: skip
        columns = ["arm", "year", "measure", "mean", "low", "high", "error", "n", "unit"]
        return pd.DataFrame(rows, columns=columns)


def _aged(counts: Cost, sexes: Sequence[str], arm: str, seed: int, measure: str, start: int) -> pd.DataFrame:
    """float64[years, sexes, ages] as rows."""
    years, _, ages = counts.shape
    return pd.DataFrame({
        "arm": arm, "replication": seed, "year": start + np.repeat(np.arange(years), len(sexes) * ages),
        "measure": measure, "sex": np.tile(np.repeat(np.array(sexes), ages), years),
        "age": np.tile(np.arange(ages), years * len(sexes)), "value": counts.ravel(),
        "unit": "persons" if UNITS.get(measure) == "persons" else "persons a year",
    })  # fmt: skip
