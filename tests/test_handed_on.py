"""A finished result handed on: a citation line, an RO-Crate, and the commands that tell of results."""

import hashlib
import json
import shutil
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pytest
from command_line import command
from finished_result import finished, resealed

from abm.errors import InputError
from machi import cli
from machi.account.citation import citation, read_citation
from machi.account.crate import METADATA, write_crate
from machi.store import read_manifest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up result with a page and a figure."""
    return finished(tmp_path_factory.mktemp("results") / "one")


@pytest.fixture
def other(original: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(original, tmp_path / "two"))


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
