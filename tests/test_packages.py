"""The twelve packages as data: complete, graded as they say, refused in one sentence where wrong."""

from pathlib import Path

import numpy as np
import pytest

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, check, neutral
from machi.policy.package import assumed_fields, effect_id, package_table, read_package, read_packages
from machi.policy.shared import check_shared, read_shared

POLICIES = Path(__file__).parents[1] / "policies"
PACKAGES = read_packages(POLICIES / "iwaki")
SHARED = read_shared(POLICIES / "shared.toml")
ROWS = {effect_id(p, m, e): e for p in PACKAGES for m in p.measures for e in m.effects}
P08 = (POLICIES / "iwaki" / "P08.toml").read_text(encoding="utf-8")


def test_the_levers_that_do_nothing_pass_their_own_check() -> None:
    array = neutral(3)
    check(array)
    assert array.shape == (3, len(LEVERS)) and array.dtype == np.float64
    assert array[2, LEVER_INDEX["childbirth"]] == 1.0 and array[2, LEVER_INDEX["slots_ict"]] == 0.0


@pytest.mark.parametrize("value", [float("nan"), -1.0, 9.0, float("inf")])
def test_a_lever_outside_its_bounds_is_refused_by_name(value: float) -> None:
    array = neutral(2)
    array[1, LEVER_INDEX["uturn"]] = value
    with pytest.raises(InputError, match="uturn"):
        check(array)


def test_levers_of_a_wrong_shape_are_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        check(np.ones((2, 3)))
    with pytest.raises(InputError, match="years"):
        neutral(-1)


def test_all_twelve_packages_and_all_61_rows_of_evidence_are_there() -> None:
    assert [package.key for package in PACKAGES] == [f"P{number:02d}" for number in range(1, 13)]
    assert len(ROWS) == 61
    counts = {package.key: sum(len(m.effects) for m in package.measures) for package in PACKAGES}
    assert list(counts.values()) == [3, 5, 12, 4, 5, 6, 4, 3, 4, 6, 4, 5]


@pytest.mark.parametrize(
    ("row", "figures"),
    [
        ("P01/career_education/uturn_25_34", (1.0, 1.02, 1.08)),
        ("P03/matchmaking/marriage_hazard", (1.0, 1.01, 1.03)),
        ("P03/childcare/birth_hazard_p0", (0.99, 1.01, 1.03)),
        ("P03/birth_grant/birth_hazard_p2plus", (1.0, 1.01, 1.04)),
        ("P03/neuvola/birth_hazard_p1", (1.0, 1.01, 1.04)),
        ("P06/migration_centre/family_inmig", (1.0, 1.04, 1.12)),
        ("P08/city_promotion/relation_pop_conversion", (5e-05, 0.0003, 0.001)),
        ("P10/job_creation/vacancies_mfg_energy", (30.0, 130.0, 350.0)),
        ("P12/startup_support/vacancies_services_gross", (20.0, 90.0, 250.0)),
    ],
)
def test_published_figures_stand_untouched(row: str, figures: tuple[float, float, float]) -> None:
    assert (ROWS[row].low, ROWS[row].central, ROWS[row].high) == figures


def test_named_measures_exist() -> None:
    named = {(package.key, measure.key) for package in PACKAGES for measure in package.measures}
    assert {("P03", "matchmaking"), ("P03", "neuvola"), ("P10", "job_creation")} <= named
    assert {("P05", "remote_work"), ("P06", "remote_work")} <= named


def test_rows_that_would_count_twice_or_belong_to_a_variant_are_not_modelled() -> None:
    for row in ROWS.values():
        assert row.modelled != row.alternative or not row.modelled
        assert row.modelled or row.reason
    assert not ROWS["P06/miyakonojo_grant/family_inmig"].modelled
    assert not ROWS["P07/vacant_houses/akiya_contracts"].modelled
    assert ROWS["P07/vacant_houses/family_inmig"].modelled
    assert {key for key, row in ROWS.items() if row.alternative} == {
        "P10/attractive_jobs/outmig_18_24",
        "P10/attractive_jobs/uturn_25_34",
        "P12/attractive_firms/uturn_25_34",
    }


def test_childcare_is_scaled_to_the_places_that_its_cost_buys() -> None:
    measures = {measure.key: measure for measure in PACKAGES[2].measures}
    assert measures["childcare"].dose_scale == pytest.approx(1 / 7)
    assert measures["birth_grant"].dose_scale == measures["neuvola"].dose_scale == 1.0


def test_a_package_is_no_better_than_its_worst_main_row() -> None:
    for package in PACKAGES:
        main = [e.grade for m in package.measures for e in m.effects if e.main]
        assert package.grade == max(main)
    assert not any(package.grade == "A" for package in PACKAGES)


def test_shared_parameters_and_rows_state_the_same_range() -> None:
    check_shared(PACKAGES, SHARED)
    other = PACKAGES[0].model_copy(
        update={"measures": (PACKAGES[0].measures[0].model_copy(update={"tempo_share": "nothing"}),)}
    )
    with pytest.raises(InputError, match="nothing"):
        check_shared([other], SHARED)


def test_table_and_assumed_fields_list_every_package() -> None:
    table = package_table(PACKAGES)
    assert sum(line.rows_modelled + line.rows_not_modelled for line in table) == 61
    assert all(line.cost_low <= line.cost_centre <= line.cost_high for line in table)
    assumed = assumed_fields(PACKAGES)
    assert {line.package for line in assumed} == {line.key for line in table}
    fades = [line.value for line in assumed if line.field == "fade_years" and line.package == "P10"]
    assert fades and set(fades) == {5}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("lag_years = 2", "lag_yaers = 2", ("lag_yaers", "no such field")),
        ("central = 1.008", "central = nan", ("central", "finite")),
        ("central = 1.008", "central = 1.5", ("must not decrease", "city_promotion")),
        ("central = 1.008", 'central = "1.008"', ("central",)),
        ('moves = "arrivals_singles"', 'moves = "arivals"', ("no lever", "arivals")),
        ('key = "P08"', 'key = "P80"', ("P80", "P08")),
        ('grade = "D"', 'grade = "A"', ("grade", "worst")),
        ('kpi_ja = "', '# "', ("kpi_ja", "missing")),
        ("coverage = 1.0", "coverage = -1.0", ("coverage",)),
        ("low = 20.0", "low = -20.0", ("cost_million_yen_per_year", "low")),
        ("[run_times]", "[run_times", ("TOML",)),
    ],
)
def test_a_wrong_package_is_refused_in_one_sentence(tmp_path: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    assert old in P08
    path = tmp_path / "P08.toml"
    path.write_text(P08.replace(old, new, 1), encoding="utf-8", newline="")
    with pytest.raises(InputError) as refusal:
        read_package(path)
    message = str(refusal.value)
    assert "P08.toml" in message and "\n" not in message
    assert all(word in message for word in words), message


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"P99\.toml"):
        read_package(tmp_path / "P99.toml")
    with pytest.raises(InputError, match="no package"):
        read_packages(tmp_path)


def test_wrong_shared_parameters_are_refused(tmp_path: Path) -> None:
    text = (POLICIES / "shared.toml").read_text(encoding="utf-8")
    for old, new, word in [
        ('key = "slot_attrition"', 'key = "attrition"', "slot_attrition"),
        ("saturation_cap = 1.5", "saturation_cap = 0.5", "saturation_cap"),
        ("bound_high = 0.75", "bound_high = 0.4", "bound_high"),
        ('moves = "vacancy_pull"', 'moves = "pull"', "no lever"),
    ]:
        path = tmp_path / "shared.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
        with pytest.raises(InputError, match=word):
            read_shared(path)
