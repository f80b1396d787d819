"""What is read off a run, on the scale of the whole town: outcomes, series by year and pyramids."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from abm.people.outputs import Outputs

STOCKS = ("away", "employed", "unemployed")
FLOWS = ("births", "deaths", "marriages", "introduced", "moves_in", "moves_out", "returns")
OF_PLACES = ("households", "vacancies")
OF_WHOLE_TOWN = ("vacancies",)  # recorded on the scale of the whole town already
SEXES = ("M", "F")
MILESTONE = 2030  # the year of the strategy's own nearer target
EVERY = 5  # years between the populations that every run keeps
PYRAMID_YEAR = 2040  # between base and horizon, as the page shows it


def total_by_year(outputs: "Outputs", indicator: str) -> NDArray[np.float64]:
    """One indicator of the whole town by year: float64[Y + 1] for stocks, [Y] for flows.

    Marriages are couples: half of the persons who married.
    """
    counts = np.asarray(getattr(outputs, indicator), dtype=np.float64)
    whole: NDArray[np.float64] = counts.reshape(len(counts), -1).sum(axis=1)
    if indicator not in OF_WHOLE_TOWN:
        whole = whole / outputs.fraction
    couples: NDArray[np.float64] = whole / len(SEXES)
    return couples if indicator == "marriages" else whole


def outcomes(outputs: "Outputs") -> dict[str, float]:
    """The outcomes by which portfolios are compared, at the horizon or summed from start to horizon.

    `person_years` sums the stocks from the start to the year before the horizon; `population_2030` is NaN
    where the horizon is nearer. The population of every fifth year stands beside it, so that portfolios can be
    compared on their way, too.
    """
    population = total_by_year(outputs, "population")
    last = np.asarray(outputs.population[-1], dtype=np.float64) / outputs.fraction
    oldest = float(last[:, 75:].sum())
    near = MILESTONE - outputs.start
    inside = 0 <= near < len(population)
    moves = total_by_year(outputs, "moves_in") - total_by_year(outputs, "moves_out")
    fifth = {
        f"population_{year}": float(population[year - outputs.start])
        for year in range(outputs.start, outputs.end + 1)
        if year % EVERY == 0
    }
    return {
        "population": float(population[-1]),
        "births": float(total_by_year(outputs, "births").sum()),
        "women_20_39": float(last[1, 20:40].sum()),
        "workers_per_75": float(last[:, 15:65].sum()) / oldest if oldest else float("nan"),
        "person_years": float(population[:-1].sum()),
        **fifth,
        f"population_{MILESTONE}": float(population[near]) if inside else float("nan"),
        "moves_net": float(moves.sum()),
        "marriages": float(total_by_year(outputs, "marriages").sum()),
    }


def series(outputs: "Outputs") -> pd.DataFrame:
    """Every yearly indicator: year, indicator, value."""
    parts = []
    for indicator in ("population", *STOCKS, *OF_PLACES, *FLOWS):
        values = total_by_year(outputs, indicator)
        years = np.arange(outputs.start, outputs.start + len(values))
        parts.append(pd.DataFrame({"year": years, "indicator": indicator, "value": values}))
    return pd.concat(parts, ignore_index=True)


def pyramids(outputs: "Outputs") -> pd.DataFrame:
    """Residents by sex and age at the start, in 2040 (where inside) and at the end: year, sex, age, value."""
    parts = []
    for year in sorted({outputs.start, min(PYRAMID_YEAR, outputs.end), outputs.end}):
        people = np.asarray(outputs.population[year - outputs.start], dtype=np.float64) / outputs.fraction
        for sex, values in zip(SEXES, people, strict=True):
            ages = np.arange(len(values))
            parts.append(pd.DataFrame({"year": year, "sex": sex, "age": ages, "value": values}))
    return pd.concat(parts, ignore_index=True)
