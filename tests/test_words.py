"""Everything that is said is said in both languages."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

BOOKS = {path: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "machi").rglob("*.toml"))}
BILINGUAL = [path for path, book in BOOKS.items() if "ja" in book or "en" in book]


def leaves(book: Any, above: str = "") -> dict[str, Any]:
    """Every text by the steps to it."""
    if not isinstance(book, dict):
        return {above: book}
    return {key: text for name, below in book.items() for key, text in leaves(below, f"{above}.{name}").items()}


@pytest.mark.parametrize("path", BILINGUAL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_both_languages_have_the_same_words(path: Path) -> None:
    ja, en = (leaves(BOOKS[path][lang]) for lang in ("ja", "en"))
    assert set(ja) == set(en)


def test_every_room_that_speaks_is_looked_at() -> None:
    assert {path.parent.name for path in BILINGUAL} >= {
        "report",
        "comparison",
        "kpi",
        "workbook",
        "serving",
        "drafting",
    }
