"""What a run leaves, and how runs are put together for workers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imagined_town import END, START, ImaginedBench, outputs

from machi.questions.config import read_experiment
from machi.questions.design import runs
from machi.runs.outcomes import outcomes, pyramids, series
from machi.runs.run import RunResult, chunks, runs_table, years_table

ROOT = Path(__file__).resolve().parent.parent
TABLE = runs(read_experiment(ROOT / "experiments/twelve_packages.toml").resolved(quick=True))


def results() -> list[RunResult]:
    """What the quick experiment leaves in an imagined town."""
    simulation = ImaginedBench().open()
    return [simulation(run) for run in TABLE]


def test_tables_have_what_the_page_reads() -> None:
    found = results()
    table = runs_table(TABLE, found)
    years, ages = (years_table(TABLE, found, part) for part in ("series", "pyramids"))
    assert {"design", "run_time", "arm", "sample", "theta", "replication", "fraction", "population", "births",
            "women_20_39", "workers_per_75", "person_years", "population_2030", "moves_net", "marriages",
            "cost_million_yen"} <= set(table.columns)  # fmt: skip
    assert "seconds" not in table.columns  # no figure of a result depends on the machine
    assert len(table) == len(TABLE)
    assert set(years.columns) == {"run_time", "arm", "replication", "year", "indicator", "value"}
    assert set(ages["arm"]) == {"none", "all"} and set(ages["year"]) == {START, 2040, END}
    assert set(ages["sex"]) == {"M", "F"} and ages["age"].max() == 100


@given(st.lists(st.sampled_from([1.0, 0.3, 0.05, 0.02]), max_size=60))
def test_tasks_hold_every_run_once_and_large_runs_go_alone(fractions: list[float]) -> None:
    table = [TABLE[0]._replace(fraction=fraction, sample=row) for row, fraction in enumerate(fractions)]
    tasks = chunks(table)
    assert sorted(place for task in tasks for place, _ in task) == list(range(len(table)))
    assert all(table[place] == run for task in tasks for place, run in task)
    assert all(len(task) == 1 for task in tasks if task[0][1].fraction == 1.0)
    sizes = [task[0][1].fraction for task in tasks]
    assert sizes == sorted(sizes, reverse=True)


def test_outcomes_speak_of_the_whole_town() -> None:
    record = outputs(fraction=0.25)
    found = outcomes(record)
    assert found["population"] == record.population[-1].sum() * 4
    assert found["population_2030"] == record.population[15].sum() * 4
    assert found["births"] == record.births.sum() * 4
    assert found["population_2045"] == record.population[30].sum() * 4
    assert "population_2044" not in found
    assert found["women_20_39"] == record.population[-1, 1, 20:40].sum() * 4
    assert found["person_years"] == record.population[:-1].sum() * 4
    assert found["marriages"] == record.marriages.sum() * 2
    assert found["moves_net"] == (record.moves_in.sum() - record.moves_out.sum()) * 4
    last = record.population[-1]
    assert found["workers_per_75"] == pytest.approx(last[:, 15:65].sum() / last[:, 75:].sum())


def test_a_near_horizon_has_no_figure_for_2030() -> None:
    found = outcomes(outputs(end=2020))
    assert found["population_2030"] != found["population_2030"]
    assert set(pyramids(outputs(end=2020))["year"]) == {2015, 2020}


def test_series_hold_stocks_to_the_end_and_flows_to_the_year_before() -> None:
    table = series(outputs())
    last = table.groupby("indicator")["year"].max()
    assert last["population"] == last["households"] == last["vacancies"] == END
    assert last["births"] == last["returns"] == END - 1
    vacancies = table[table["indicator"] == "vacancies"]["value"]
    assert (vacancies < 20).all()  # recorded for the whole town, so not divided by the fraction
