"""The table of every portfolio that is shipped: whole, of everybody, and attributed as it was when it was made."""

import csv
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from scipy import stats

from machi.analysis.attribution import shapley
from machi.places import Places
from machi.portfolio_table.file import COST, PortfolioTable, read
from machi.portfolio_table.spread import OF_SHAPLEY, half_width

REFERENCE = Path(__file__).parent / "reference" / "factorial_iwaki.csv"  # shapley.csv of experiments/factorial.toml
FRACTION = REFERENCE.with_name("fraction_iwaki.csv")  # and of fraction.toml: 256 portfolios, 16 seeds
YEAR = 2060


@pytest.fixture(scope="module")
def shipped() -> PortfolioTable:
    path = Places(ROOT, ROOT).portfolio_table("iwaki")
    assert path is not None
    return read(path)


def test_it_is_of_everybody_and_all_packages(shipped: PortfolioTable) -> None:
    keys = tuple(path.stem for path in sorted((ROOT / "policies" / "iwaki").glob("*.toml")))
    assert shipped.header.packages == keys and len(keys) == 12
    assert shipped.header.fraction == 1.0 and shipped.header.chance[f"population_{YEAR}"] is not None
    assert shipped.header.chance_seeds == 6
    assert all(len(values) == 4096 and np.isfinite(values).all() for values in shipped.columns.values())


def test_its_attribution_is_the_reference(shipped: PortfolioTable) -> None:
    """An update of the table comes with its experiment's shapley.csv, so that nobody changes one alone."""
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        kept = {row["package"]: float(row["value"]) for row in csv.DictReader(file)}
    people = np.asarray(shipped.columns[f"population_{YEAR}"], dtype=np.float64)
    values = dict(zip(shipped.header.packages, shapley(people), strict=True))
    assert values == pytest.approx(kept, abs=1e-6)
    assert sum(values.values()) == pytest.approx(people[-1])


def test_its_one_seed_agrees_with_the_fractions(shipped: PortfolioTable) -> None:
    """Within 4 standard errors of one seed's value, read off the interval that the fraction's seeds give."""
    people = np.asarray(shipped.columns[f"population_{YEAR}"], dtype=np.float64)
    values = dict(zip(shipped.header.packages, shapley(people), strict=True))
    with FRACTION.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            half, seeds = (float(row["high"]) - float(row["low"])) / 2, int(row["seeds"])
            one_seed = half / stats.t.ppf(0.95, seeds - 1) * np.sqrt(seeds + 1)
            assert values[row["package"]] == pytest.approx(float(row["value"]), abs=4 * one_seed), row["package"]


def test_its_intervals_hold_what_the_fractions_seeds_say(shipped: PortfolioTable) -> None:
    """By package, one seed's 90 % interval against the deviations and means of the fraction's seeds.

    Of twelve deviations of sixteen seeds the greatest may be 1.49 times the true one (5 %): a 90 % interval holds 73 %.
    """
    people = np.asarray(shipped.columns[f"population_{YEAR}"], dtype=np.float64)
    values = dict(zip(shipped.header.packages, shapley(people), strict=True))
    covered, held = [], 0
    with FRACTION.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            mean, seeds = float(row["value"]), int(row["seeds"])
            varies = (float(row["high"]) - mean) / stats.t.ppf(0.95, seeds - 1) * np.sqrt(seeds)
            width = half_width(shipped.header, f"population_{YEAR}", mean)
            assert width is not None
            half = float(width) * OF_SHAPLEY**0.5
            covered.append(2 * stats.norm.cdf(half / varies) - 1)
            held += abs(values[row["package"]] - mean) < half
    assert 0.88 < np.mean(covered) < 0.99 and min(covered) > 0.72
    assert held >= 10  # of twelve


def test_costs_add_up(shipped: PortfolioTable) -> None:
    """The cost of a portfolio is the sum of its packages'."""
    cost = np.asarray(shipped.columns[COST], dtype=np.float64)
    masks = np.arange(len(cost))
    each = np.array([cost[1 << k] for k in range(12)])
    assert cost == pytest.approx((masks[:, None] >> np.arange(12) & 1) @ each, rel=1e-5)
