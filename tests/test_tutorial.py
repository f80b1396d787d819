"""The tutorial notebook runs from its first cell to its last, and draws Japanese text with units and an interval."""

import json
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "docs" / "tutorial.ipynb"


def cells(kind: str) -> list[str]:
    """The sources of the cells of one kind, in order."""
    found = json.loads(BOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def test_the_notebook_is_whole_and_without_outputs() -> None:
    book = json.loads(BOOK.read_text(encoding="utf-8"))
    assert (book["nbformat"], book["metadata"]["kernelspec"]["name"]) == (4, "python3")
    identities = [cell["id"] for cell in book["cells"]]
    assert len(set(identities)) == len(identities)
    for cell in book["cells"]:
        assert cell["cell_type"] in ("markdown", "code") and isinstance(cell["source"], list)
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None


def test_headings_stand_in_both_languages() -> None:
    headings = [line for text in cells("markdown") for line in text.splitlines() if line.startswith("#")]
    assert len(headings) >= 5
    for heading in headings:
        japanese, _, english = heading.partition(" / ")
        assert any(ord(letter) > 0x3000 for letter in japanese) and english.isascii() and english


def test_the_notebook_runs_and_its_text_renders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "machi.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    mpl.use("Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that the typeface lacks is a warning
        for number, source in enumerate(cells("code")):
            exec(compile(source, f"tutorial cell {number}", "exec"), names)
        names["figure"].savefig(tmp_path / "figure.png")
    for axes in names["figure"].axes:
        assert "（" in axes.get_ylabel() and "(" in axes.get_ylabel() and axes.get_xlabel()  # units, in both languages
        assert axes.get_title() and axes.get_legend() is not None
    assert names["figure"].axes[1].collections  # the band
    births = names["births"]
    assert (births["low"] <= births["mean"]).all() and (births["mean"] <= births["high"]).all()
    assert {path.name for path in tmp_path.iterdir()} == {"machi.toml", "results", "figure.png"}
