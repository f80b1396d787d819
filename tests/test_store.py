"""A result folder is complete or not there, and every byte is checked when it is read."""

from pathlib import Path

import pandas as pd
import pytest

from abm.errors import InputError
from machi.store import (
    MANIFEST,
    built_aside,
    fingerprint,
    fingerprint_of,
    is_complete,
    make_folder,
    read_json,
    read_manifest,
    read_table,
    write_json,
    write_manifest,
    write_table,
    written,
)

TABLE = pd.DataFrame({"package": ["P01", "P02"], "mu": [1.5, -2.0]})


def build(folder: Path, mark: str = "a") -> None:
    """Write a small complete result."""
    with built_aside(folder) as building:
        write_table(building, "ranking.csv", TABLE)
        write_table(building, "runs.parquet", TABLE)
        write_json(building, "sensitivity.json", {"mark": mark})
        write_manifest(building, {"name": "small", "fingerprint": mark})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "small"
    build(folder)
    assert read_table(folder, "ranking.csv").equals(TABLE)
    assert read_table(folder, "runs.parquet").equals(TABLE)
    assert read_json(folder, "sensitivity.json") == {"mark": "a"}
    assert b"\r" not in (folder / "ranking.csv").read_bytes()
    assert set(read_manifest(folder)["files"]) == {"ranking.csv", "runs.parquet", "sensitivity.json"}
    assert [path.name for path in folder.parent.iterdir()] == ["small"]


@pytest.mark.parametrize("name", ["ranking.csv", "runs.parquet", "sensitivity.json"])
def test_a_flipped_bit_is_seen(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "small"
    build(folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(bytes(data))
    with pytest.raises(InputError, match="changed"):
        read_json(folder, name) if name.endswith(".json") else read_table(folder, name)
    assert not is_complete(folder, "a")


def test_any_flipped_bit_of_the_manifest_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    build(folder)
    path, data = folder / MANIFEST, (folder / MANIFEST).read_bytes()
    for place in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(bytes(flipped))
        with pytest.raises(InputError, match="make the result again"):
            read_manifest(folder)
    path.write_bytes(data)
    assert is_complete(folder, "a")


def test_a_manifest_from_before_it_was_sealed_is_read(tmp_path: Path) -> None:
    build(tmp_path / "small")
    manifest = read_manifest(tmp_path / "small")
    write_json(tmp_path / "small", MANIFEST, manifest)
    assert read_manifest(tmp_path / "small") == manifest and is_complete(tmp_path / "small", "a")


def test_complete_means_same_fingerprint_and_every_file(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    assert not is_complete(folder, "a")
    build(folder)
    assert is_complete(folder, "a") and not is_complete(folder, "b")
    (folder / "report.html").write_text("a page may be made again", encoding="utf-8")
    assert is_complete(folder, "a")
    (folder / "runs.parquet").unlink()
    assert not is_complete(folder, "a")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_build_leaves_the_old_result(tmp_path: Path, error: type[BaseException]) -> None:
    folder = tmp_path / "small"
    build(folder)
    with pytest.raises(error), built_aside(folder) as building:
        write_table(building, "ranking.csv", TABLE)
        raise error
    assert is_complete(folder, "a")
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_a_new_result_takes_the_old_ones_place(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    build(folder, "a")
    (folder / "old_figure.svg").touch()
    build(folder, "b")
    assert is_complete(folder, "b") and not (folder / "old_figure.svg").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_a_file_gets_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), written(path) as part:
        part.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="nothing can be written"):
        make_folder(tmp_path / "file" / "below")


def test_no_nan_in_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path, "a.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_result_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no manifest"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="JSON"):
        read_manifest(tmp_path)


def test_fingerprints_change_with_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    file = tmp_path / "town" / "a.csv"
    file.write_bytes(b"1")
    first = fingerprint([tmp_path / "town"])
    assert fingerprint([tmp_path / "town"]) == first
    file.write_bytes(b"2")
    second = fingerprint([tmp_path / "town"])
    file.replace(file.with_name("b.csv"))
    assert len({first, second, fingerprint([tmp_path / "town"])}) == 3
    assert fingerprint_of({"a": 1, "b": 2}) == fingerprint_of({"b": 2, "a": 1})
