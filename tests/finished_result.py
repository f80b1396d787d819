"""A made-up result with a page and a figure, and the same with other things in its manifest."""

from pathlib import Path
from typing import Any

from synthetic_result import seal, write_result

from machi.store import read_manifest


def finished(folder: Path) -> Path:
    """Write the result into a new folder and return it."""
    write_result(folder)
    (folder / "report.html").write_text("<p>ページ</p>", encoding="utf-8")
    (folder / "figures").mkdir()
    (folder / "figures" / "trend_ja.svg").write_text("<svg/>", encoding="utf-8")
    return folder


def resealed(folder: Path, **changed: Any) -> None:
    """Change parts of a result's manifest, and write the digests anew."""
    manifest = read_manifest(folder)
    seal(folder, {**{name: value for name, value in manifest.items() if name != "files"}, **changed})
