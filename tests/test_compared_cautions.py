"""What is said of results side by side whose designs answer only a part: arms, run-times, years, portfolios."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from compared_results import comparable
from finished_result import resealed
from synthetic_manifest import END
from test_compared_designs import KEYS, factorial, without_years
from test_comparison import beside, table

from machi.comparison.cautions import cautions
from machi.comparison.page import Points, tables_of
from machi.comparison.side import Side
from machi.comparison.story import edit

__all__ = ["factorial"]  # a fixture
KASAMA = {"key": "kasama", "name_ja": "笠間市", "name_en": "Kasama"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return comparable(tmp_path_factory.mktemp("results") / "first")


def altered(folder: Path, name: str, tables: dict[str, pd.DataFrame], **changed: object) -> Path:
    """A copy with other tables, or other parts of the manifest."""
    made = Path(shutil.copytree(folder, folder.with_name(name), dirs_exist_ok=True))
    for file, content in tables.items():
        path = made / file
        content.to_parquet(path, index=False) if path.suffix == ".parquet" else content.to_csv(path, index=False)
    resealed(made, **changed)
    return made


def shares(**of: dict[str, float]) -> pd.DataFrame:
    """Shapley values by design and package."""
    rows = [(design, key, value) for design, values in of.items() for key, value in values.items()]
    return pd.DataFrame(rows, columns=["design", "package", "value"]).assign(low=np.nan, high=np.nan)


def said(side: Side) -> str:
    """The headline and every list of the page in English."""
    edition = edit(side, "en")
    points = [one for section in edition.sections for one in section.parts if isinstance(one, Points)]
    return "\n".join([*edition.headline, *(text for one in points for text in one.sentences)])


def test_packages_that_were_not_simulated_alone_are_not_missing(first: Path, factorial: Path) -> None:
    """Two of twelve packages combined, or a grid of them: there are no others alone, nor all of them together."""
    side = beside(first, factorial)
    found = dict(cautions(side))
    assert found["caution_not_alone"] == {"a": "B", "keys": ", ".join(KEYS[2:])} and "caution_only" not in found
    assert found["caution_whole"] == {"letters": "B"} and not side.is_whole
    assert not any("— people" in sentence for sentence in edit(side, "en").headline)
    names = [one.name for one in tables_of(edit(side, "en"))]
    assert "everything" not in names and len(table(side, "cost").rows) == 2
    changed = altered(factorial, "other_packages", {}, packages=[])
    assert "caution_only" in dict(cautions(beside(first, changed)))


def test_a_fraction_simulates_no_package_alone(first: Path, factorial: Path) -> None:
    runs = pd.read_parquet(factorial / "runs.parquet").query("sample in (0, 3)").assign(design="fraction")
    strengths = pd.read_parquet(factorial / "strengths.parquet").assign(design="fraction")
    fraction = altered(factorial, "fraction", {
        "runs.parquet": runs, "strengths.parquet": strengths, "shapley.csv": shares(fraction={"P01": 1.0, "P02": 2.0})
    }, runs={"fraction": len(runs)})  # fmt: skip
    side = beside(first, fraction)
    found = dict(cautions(side))
    assert found["caution_no_arms"] == {"letters": "B"} and not {"caution_run_time", "caution_only"} & set(found)
    assert "the population without policy is" in said(side) and "in common" not in said(side)
    beside_factorial = beside(factorial, fraction)
    assert beside_factorial.readings == () and "caution_shapley" in dict(cautions(beside_factorial))
    both = altered(factorial, "both", {
        "shapley.csv": shares(factorial={"P01": 9.0, "P02": 8.0}, fraction={"P01": 3.0, "P02": 4.0})
    })  # fmt: skip
    assert beside(both, fraction).readings == ("shapley_fraction",)
    rows = table(beside(both, fraction), "reading_shapley_fraction").rows
    assert [[cell.value for cell in row[1:]] for row in rows] == [[3.0, 2.0, 1.0, 2.0], [4.0, 1.0, 2.0, 1.0]]


def test_readings_under_different_run_times_are_warned_of(first: Path, factorial: Path) -> None:
    indices = pd.DataFrame({"package": KEYS, "ST": np.arange(12.0), "ST_low": 0.0, "ST_high": 12.0})
    made = [
        without_years(first, f"sobol_{name}", {"sobol.csv": indices}, config={"run_time": name})
        for name in ("plan", "sustained")
    ]
    side = beside(*made)
    assert dict(cautions(side))["caution_headline"] == {"plan": "A", "sustained": "B"}
    (row,) = (row for row in table(side, "asked").rows if "Run-time" in row[0].text)
    assert row[1].text != row[2].text
    planned = altered(factorial, "planned", {}, config={"run_time": "plan"})
    assert "one budget does not buy" in said(beside(factorial, planned))
    assert "one budget does not buy" not in said(beside(factorial, factorial))


def test_a_package_among_others_is_warned_of(factorial: Path) -> None:
    more = altered(factorial, "more", {"shapley.csv": shares(factorial={"P01": 1.0, "P02": 2.0, "P03": 3.0})})
    assert dict(cautions(beside(factorial, more)))["caution_sets"]["keys"] == "P03"
    assert "caution_sets" not in dict(cautions(beside(factorial, factorial)))


def test_the_first_kept_year_stands_for_the_first(factorial: Path) -> None:
    """Every fifth year is kept: a result that starts before one is counted from there, and says so."""
    ours, theirs = altered(factorial, "from_2014", {}, start=2014), altered(factorial, "town", {}, town=KASAMA)
    side = beside(theirs, ours)
    assert dict(cautions(side))["caution_first_year"] == {"a": "B", "year": "2015", "start": "2014"}
    rows = table(beside(ours, ours), "reference").rows
    assert rows[0][0].text == "2015" and rows[-1][0].text == str(END) and len(rows) > 4
    assert not any(cell.text == "—" for row in rows for cell in row)


def test_years_that_do_not_meet_are_not_called_missing(factorial: Path) -> None:
    runs = pd.read_parquet(factorial / "runs.parquet")
    ends = runs.drop(columns=[name for name in runs.columns if name.startswith("population_")])
    made = [altered(factorial, f"until_{end}", {"runs.parquet": ends}, end=end) for end in (END, END - 5)]
    side = beside(*made)
    found = dict(cautions(side))
    assert not side.has_reference and "do not meet" in edit(side, "en").headline[0]
    assert "caution_no_year" in found and "caution_reference" not in found
    assert "caution_horizon_only" in found and "caution_horizon" not in found


def test_an_effect_of_one_seed_is_warned_of(first: Path, factorial: Path) -> None:
    runs = pd.read_parquet(factorial / "runs.parquet").query("arm != 'f0001' or replication == 1")
    single = altered(factorial, "single", {"runs.parquet": runs})
    found = dict(cautions(beside(first, single)))
    assert found["caution_single_arms"] == {"a": "B", "keys": "P01"} and "caution_single" not in found


def test_portfolios_that_cost_nothing_are_not_compared(factorial: Path) -> None:
    front = pd.read_csv(factorial / "frontier.csv", keep_default_na=False)
    free = altered(factorial, "free", {"frontier.csv": front.iloc[:1]})
    broken = altered(factorial, "broken", {"frontier.csv": front.drop(columns="people")})
    for other in (free, broken):
        assert beside(factorial, other).fronts == ()
        assert "fronts" not in [one.name for one in tables_of(edit(beside(factorial, other), "en"))]
