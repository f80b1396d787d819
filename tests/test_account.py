"""What can be said of a finished result: differences in words, a citation line, an RO-Crate."""

import hashlib
import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from command_line import command
from hypothesis import given, settings
from hypothesis import strategies as some
from synthetic_result import seal, write_result

from abm.errors import InputError
from machi import cli
from machi.account.citation import citation, read_citation
from machi.account.crate import METADATA, write_crate
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
    folder = write_result(tmp_path_factory.mktemp("results") / "one")
    (folder / "report.html").write_text("<p>ページ</p>", encoding="utf-8")
    (folder / "figures").mkdir()
    (folder / "figures" / "trend_ja.svg").write_text("<svg/>", encoding="utf-8")
    return folder


@pytest.fixture
def other(original: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(original, tmp_path / "two"))


def resealed(folder: Path, **changed: Any) -> None:
    """Change parts of a result's manifest, and write the digests anew."""
    manifest = read_manifest(folder)
    seal(folder, {**{name: value for name, value in manifest.items() if name != "files"}, **changed})


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


# The citation line


def test_the_citation_names_authors_version_and_fingerprints(original: Path) -> None:
    software = read_citation(ROOT)
    assert software.authors == ("The Machi developers",) and software.license == "Apache-2.0"
    manifest = read_manifest(original)
    for lang in ("ja", "en"):
        line = citation(original, software, lang)
        assert "The Machi developers" in line and manifest["fingerprint"] in line and "\n" not in line
        assert manifest["town"][f"name_{lang}"] in line and manifest["versions"]["machi"] in line


@pytest.mark.parametrize(("lost", "named"), [("title", "title"), ("  - name", "author")])
def test_an_incomplete_citation_file_is_one_sentence(tmp_path: Path, lost: str, named: str) -> None:
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    kept = "\n".join(line for line in lines if not line.startswith(lost))
    (tmp_path / "CITATION.cff").write_text(kept, encoding="utf-8")
    with pytest.raises(InputError, match=named):
        read_citation(tmp_path)


def test_a_wheel_brings_the_citation_file_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "CITATION.cff" in project["license-files"]  # stands in the wheel's licenses/
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for kept, named in ((text, ""), (None, "missing")):

        class Installed:
            def read_text(self, name: str, kept: str | None = kept) -> str | None:
                return kept if name == "licenses/CITATION.cff" else None

        monkeypatch.setattr("machi.account.citation.distribution", lambda _, installed=Installed: installed())
        if kept:
            assert read_citation(tmp_path) == read_citation(ROOT)
        else:
            with pytest.raises(InputError, match=named):
                read_citation(tmp_path)


# The RO-Crate


def test_a_crate_describes_every_file(original: Path, tmp_path: Path) -> None:
    """The structure that RO-Crate 1.1 demands (root data entity, metadata descriptor, file entities, references)."""
    out = tmp_path / "deep" / "crate"
    files, size = write_crate(original, out, ROOT)
    metadata = json.loads((out / METADATA).read_text(encoding="utf-8"))
    assert metadata["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    entities = {one["@id"]: one for one in metadata["@graph"]}
    assert len(entities) == len(metadata["@graph"]) and all(one["@type"] for one in entities.values())
    descriptor, root = entities[METADATA], entities["./"]
    assert descriptor["about"] == {"@id": "./"} and descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["@type"] == "CreativeWork" and root["@type"] == "Dataset"
    assert root["name"] and root["description"] and pd.Timestamp(root["datePublished"]).tzinfo is not None
    assert entities[root["author"][0]["@id"]]["name"] == "The Machi developers"
    assert entities[root["license"]["@id"]]["name"] == "Apache-2.0"
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} - {METADATA}
    described = {unquote(part["@id"]) for part in root["hasPart"]}
    assert described == there and len(there) == files and {"manifest.json", "figures/trend_ja.svg"} <= there
    for name in there:
        entity, data = entities[name], (out / name).read_bytes()
        assert entity["@type"] == "File" and entity["encodingFormat"].count("/") == 1
        assert entity["contentSize"] == str(len(data)) and entity["sha256"] == hashlib.sha256(data).hexdigest()
    assert size == sum((out / name).stat().st_size for name in there)
    web = ("https://", "http://")
    for reference in references(metadata["@graph"]):
        assert reference in entities or reference.startswith(web), reference
    for name in ("manifest.json", "runs.parquet"):
        assert (out / name).read_bytes() == (original / name).read_bytes()


def references(value: Any) -> list[str]:
    """Every `@id` that an entity refers to."""
    if isinstance(value, list):
        return [found for inner in value for found in references(inner)]
    if isinstance(value, dict):
        own = [value["@id"]] if set(value) == {"@id"} else []
        return own + [found for key, inner in value.items() if key != "@id" for found in references(inner)]
    return []


def test_a_crate_overwrites_nothing(original: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").touch()
    for out in (tmp_path, tmp_path / "kept.txt"):
        with pytest.raises(InputError, match="not empty"):
            write_crate(original, out, ROOT)
    with pytest.raises(InputError, match="in the result itself"):
        write_crate(original, original / "crate", ROOT)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_damaged_result_is_not_handed_on(other: Path, tmp_path: Path) -> None:
    (other / "ranking.csv").write_bytes(b"package\n")
    with pytest.raises(InputError, match="changed"):
        write_crate(other, tmp_path / "crate", ROOT)
    assert not (tmp_path / "crate").exists()


# The commands


@pytest.fixture
def machi(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, original: Path):  # type: ignore[no-untyped-def]
    """Call the command in this process, in a workspace with one result: (exit code, stdout, stderr)."""
    shutil.copytree(original, tmp_path / "results" / "one")
    return command(tmp_path, monkeypatch, capfd)


def test_commands_speak_both_languages(machi, original: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = machi("diff", "one", str(original))
    assert code == 0 and "same to the byte" in out
    assert "バイト単位で同じ" in machi("--lang", "ja", "diff", "one", "one")[1]
    resealed(tmp_path / "results" / "one", versions={"numpy": "9.9"})
    code, out, _ = machi("diff", "one", str(original))
    assert code == 0 and "Libraries" in out and "9.9" in out and "same to the byte" in out
    assert "引用" not in machi("cite", "one")[1] and "結果「" in machi("--lang", "ja", "cite", "one")[1]
    code, out, _ = machi("export", "one", "--ro-crate", "crate")
    assert code == 0 and "RO-Crate" in out and (tmp_path / "crate" / METADATA).is_file()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (("diff", "one"), "B"),
        (("diff", "one", "ona"), "one"),
        (("diff", "one", "results"), "manifest"),
        (("cite", "nothing"), "one"),
        (("cite", "results"), "manifest"),
        (("export", "one"), "--ro-crate"),
        (("export", "two", "--ro-crate", "x"), "one"),
        (("export", "one", "--ro-crate", "results"), "not empty"),
        (("export", "one", "--ro-crate", "results/one/x"), "in the result"),
        (("export", "one", "--ro-crate", "machi.toml/x"), "machi.toml"),
    ],
)
def test_a_wrong_input_is_one_sentence_and_exit_2(machi, line: tuple[str, ...], named: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = machi(*line)
    assert code == cli.USAGE and out == "" and named in err
    assert err.startswith("Error: ") and err.count("\n") == 1 and "Traceback" not in err
