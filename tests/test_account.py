"""What two finished results differ in, in words."""

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from finished_result import finished, resealed
from hypothesis import given, settings
from hypothesis import strategies as some

from abm.errors import InputError
from machi.account.difference import are_alike, differences
from machi.account.fields import changes
from machi.account.rows import compared
from machi.experiment import read_plan
from machi.manifest import data_files
from machi.places import Places
from machi.store import file_digest, read_manifest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up result with a page and a figure."""
    return finished(tmp_path_factory.mktemp("results") / "one")


@pytest.fixture
def other(original: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(original, tmp_path / "two"))


def told(a: Path, b: Path, lang: str = "en") -> dict[str, str]:
    """What is told, by topic."""
    return {topic.key: "\n".join(topic.sentences) for topic in differences(a, b, lang)}


# Differences


def test_a_result_does_not_differ_from_itself(original: Path, other: Path) -> None:
    assert are_alike(original, other) == len(read_manifest(original)["files"])
    found = told(original, other)
    assert not any(found[topic] for topic in ("settings", "data", "code", "versions"))


def test_a_changed_setting_is_named_with_both_values(original: Path, other: Path) -> None:
    first = Path(shutil.copytree(original, other.with_name("first")))
    resealed(first, config={"morris": {"trajectories": 20, "levels": 4}})
    resealed(other, config={"morris": {"trajectories": 27, "levels": 4}, "novelty": {"n": 4}})
    text = told(first, other)["settings"]
    assert "morris.trajectories: 20 in A, 27 in B." in text and "levels" not in text
    assert "novelty" in text and "only in B" in text
    assert "A は 20、B は 27" in told(first, other, "ja")["settings"]


def test_data_code_and_libraries_have_topics_of_their_own(original: Path, other: Path) -> None:
    manifest = read_manifest(original)
    prints = {**manifest.get("fingerprints", {}), "town": "aaaa", "code": "bbbb"}
    packages = [dict(package) for package in manifest["packages"]]
    packages[2]["cost_low"] = 1.0
    resealed(other, fingerprints=prints, versions={**manifest["versions"], "numpy": "9.9"}, packages=packages)
    found = told(original, other)
    assert "aaaa" in found["data"] and f"packages.{packages[2]['key']}.cost_low" in found["data"]
    assert "bbbb" in found["code"] and "numpy" in found["versions"] and "9.9" in found["versions"]
    assert not found["settings"]


def test_files_of_data_are_named(original: Path, other: Path) -> None:
    first = Path(shutil.copytree(original, other.with_name("first")))
    resealed(first, data_files={"iwaki/vital.csv": "1", "iwaki/work.csv": "2", "japan/asfr.csv": "3"})
    resealed(other, data_files={"iwaki/vital.csv": "9", "iwaki/work.csv": "2", "iwaki/trend.toml": "4"})
    text = told(first, other)["data"]
    assert "other content: iwaki/vital.csv." in text and "work.csv" not in text
    assert "only A rests on: japan/asfr.csv." in text and "only B rests on: iwaki/trend.toml." in text


def test_an_experiment_names_its_files_of_data() -> None:
    plan = read_plan(Places(ROOT, ROOT), "twelve_packages", quick=True)
    found = data_files(plan)
    assert {"iwaki/P03.toml", "policies/shared.toml", "iwaki/town.toml", "japan/asfr.csv"} <= set(found)
    assert found["scenarios/baseline.toml"] == file_digest(ROOT / "towns/iwaki/scenarios/baseline.toml")
    assert len(found) > 30 and all(len(digest) == 64 for digest in found.values())


def test_both_languages_have_the_same_sentences() -> None:
    words = tomllib.loads((ROOT / "machi/account/words.toml").read_text(encoding="utf-8"))
    assert words["ja"].keys() == words["en"].keys()
    for key, text in words["en"].items():
        fields = [sorted(re.findall(r"{(\w+)}", one)) for one in (text, words["ja"][key])]
        assert fields[0] == fields[1], key


def test_the_largest_difference_of_a_table_is_named(original: Path, other: Path) -> None:
    runs = pd.read_parquet(other / "runs.parquet")
    at = runs.index[(runs["arm"] == "P03") & (runs["design"] == "alone") & (runs["replication"] == 4)][0]
    runs.loc[at, "population"] += 500.0
    runs.loc[0, "population"] += 1.0
    runs.sample(frac=1, random_state=1).to_parquet(other / "runs.parquet", index=False)
    resealed(other)
    text = told(original, other)["results"]
    assert "2 figures in 2 rows" in text and "population" in text and "arm P03" in text and "replication 4" in text
    assert "+500" in text and "should not" in text
    resealed(other, versions={"numpy": "9.9"})
    assert "to be expected" in told(original, other)["results"]


def test_order_and_timings_are_no_difference(original: Path, other: Path) -> None:
    runs = pd.read_parquet(original / "runs.parquet").assign(seconds=1.0)
    for folder, seconds in ((original.parent / "slow", 2.0), (other, 1.0)):
        if folder != other:
            shutil.copytree(original, folder)
        runs.assign(seconds=seconds).iloc[::-1].to_parquet(folder / "runs.parquet", index=False)
        resealed(folder)
    assert "only the seconds" in told(original.parent / "slow", other)["results"]
    assert "order of rows" in told(original, other)["results"]


def test_missing_files_rows_and_columns_are_told(original: Path, other: Path) -> None:
    (other / "summary.csv").unlink()
    ranking = pd.read_csv(other / "ranking.csv").iloc[1:].drop(columns="sigma")
    ranking.to_csv(other / "ranking.csv", index=False, lineterminator="\n")
    resealed(other)
    text = told(original, other)["results"]
    assert "summary.csv stands only in A" in text
    assert "12 rows in A, 11 in B, 11 of them in both" in text and "columns sigma stand only in A" in text


def test_a_damaged_result_is_refused(original: Path, other: Path) -> None:
    (other / "runs.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"runs\.parquet.*changed"):
        differences(original, other, "en")


leaves = some.none() | some.booleans() | some.integers(-3, 3) | some.sampled_from(["a", "b"])
trees = some.recursive(
    leaves, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from("xyz"), inner, max_size=3)
)


@given(trees, trees)
@settings(deadline=None, max_examples=80)
def test_fields_differ_exactly_where_json_does(a: Any, b: Any) -> None:
    assert changes(a, a) == []
    forth, back = changes(a, b), changes(b, a)
    assert {one.where for one in forth} == {one.where for one in back}
    assert bool(forth) == (json.dumps(a, sort_keys=True) != json.dumps(b, sort_keys=True))


@given(some.lists(some.sampled_from([0.0, 1.5, -2.0, float("nan")]), min_size=1, max_size=12), some.randoms())
@settings(deadline=None, max_examples=60)
def test_tables_are_compared_under_their_names(values: list[float], chance: Any) -> None:
    a = pd.DataFrame({"year": np.arange(len(values)), "value": values})
    order = list(range(len(values)))
    chance.shuffle(order)
    b = a.iloc[order].reset_index(drop=True)
    assert compared(a, b).is_none
    place = chance.randrange(len(values))
    b.loc[b["year"] == place, "value"] = 77.0
    found = compared(a, b)
    assert (found.figures, found.rows_differing) == (1, 1)
    assert found.largest is not None and found.largest.row == {"year": place}
