"""Files that planners edit: whatever is wrong with them is one sentence that names file and field."""

import json
import random
import tomllib
from functools import partial
from pathlib import Path

import pytest
from command_line import exit_code
from conftest import ROOT

from abm.errors import InputError
from benchmarks.odd_files import changed, fuzzed, made_of
from machi import session
from machi.forms import FORMS, checked, files_below, kind_of, schema_of
from machi.places import find_places
from machi.workspace import lay_out

PLACES = find_places(ROOT)
SAMPLES = [
    ROOT / "policies/iwaki/P03.toml",
    ROOT / "experiments/twelve_packages.toml",
    ROOT / "policies/iwaki/portfolios/families.toml",
    ROOT / "towns/iwaki/scenarios/vision2.toml",
]


def test_everything_that_is_shipped_is_sound() -> None:
    files = files_below(ROOT)
    assert len(files) > 50
    assert [problem for problem in (checked(PLACES, file) for file in files) if problem] == []


@pytest.mark.parametrize("kind", FORMS)
def test_schemas_know_the_fields_of_the_files(kind) -> None:  # type: ignore[no-untyped-def]
    text = json.dumps(schema_of(kind))
    sample = next(path for path in SAMPLES if kind_of(path) == kind)
    for field in tomllib.loads(sample.read_text(encoding="utf-8")):
        assert f'"{field}"' in text, field


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_no_file_leads_to_a_traceback(tmp_path: Path, sample: Path) -> None:
    """Fifty of the schema and fifty changed ones each, read or refused by line; `benchmarks fuzz` tries 10,000."""
    file = tmp_path / sample.parent.parent.name / sample.parent.name / sample.name
    file.parent.mkdir(parents=True)
    kind = kind_of(sample)
    assert kind is not None and kind != "town"
    text = sample.read_text(encoding="utf-8")
    for make in (partial(made_of, schema_of(kind)), partial(changed, text)):
        texts = (make(random.Random(seed)) for seed in range(50))
        assert fuzzed(file, texts, partial(checked, PLACES)).refused > 20


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "P01.toml"
    file.write_bytes(b"# x\n" * 2_600_000)
    assert "over 1 MB" in checked(PLACES, file)


def test_a_workspace_can_be_used_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "街"
    written = lay_out(PLACES, folder, "kasama")
    assert written[-1].stem == "kasama"
    assert [checked(find_places(folder), file) for file in files_below(folder)] == [""] * len(files_below(folder))
    with pytest.raises(InputError, match="something here already"):
        lay_out(PLACES, folder, "kasama")


@pytest.fixture
def machi(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})

    return partial(exit_code, monkeypatch)


def test_a_newcomer_is_sent_to_an_experiment_that_ranks(tmp_path: Path) -> None:
    lay_out(PLACES, tmp_path / "w", "iwaki")
    assert [path.name for path in (tmp_path / "w/experiments").iterdir()] == ["twelve_packages.toml"]


def test_check_names_what_is_wrong(machi, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    lay_out(PLACES, tmp_path / "w", "iwaki")
    assert machi("check", tmp_path / "w") == 0
    file = tmp_path / "w/policies/iwaki/P06.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('grade = "C"', 'grade = "E"', 1), encoding="utf-8")
    assert machi("check", tmp_path / "w") == 2
    told = capsys.readouterr()
    assert "P06.toml, line 7: grade" in told.err.replace("\n", "") and "1 wrong" in told.out
    assert machi("check", tmp_path / "nowhere") == 2


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_explain_tells_evidence_and_cost(machi, lang: str, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    assert machi("--lang", lang, "explain", "P06") == 0
    text = capsys.readouterr().out
    assert "arrivals_families" in text and "1.04" in text
    assert ("million yen" if lang == "en" else "百万円") in text
    assert machi("explain", "P66") == 2
    assert "did you mean `P06`" in capsys.readouterr().err


def test_schemas_are_written_where_asked(machi, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert machi("schema", "--out", tmp_path / "s") == 0
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == [
        "experiment.schema.json",
        "package.schema.json",
        "portfolio.schema.json",
        "scenario.schema.json",
    ]
