"""The result folder: tables and a manifest, built aside and swapped in, verified at every read.

Parquet without checksums reads flipped bits silently, and a full disk leaves a partial file under its final
name; so the manifest holds the sha256 of every table and of itself, and nothing gets its final name before it is
complete.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.errors import InputError
from machi.cells import harmless_table

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
SEAL = "sha256"  # field of a manifest, its last
TABLE_ENDINGS = (".parquet", ".csv", ".json")


def file_digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(paths: list[Path]) -> str:
    """Sixteen hex digits that change with any file named or below a named folder (names and bytes)."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            digest.update(f"{name}\n{file_digest(file)}\n".encode())
    return digest.hexdigest()[:16]


def fingerprint_of(value: Any) -> str:
    """Sixteen hex digits of a value that JSON can hold."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def make_folder(folder: Path) -> None:
    """Make a folder that can be written to (InputError when it cannot)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"{folder}: nothing can be written here ({error.strerror}); name another or mend its rights."
        ) from error


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it takes the final name only when the block succeeds."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        _to_disk(part)
        part.replace(path)
    except OSError as error:
        raise InputError(
            f"{path}: the file cannot be written ({error.strerror}); name another place or make room."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def write_table(folder: Path, name: str, table: "pd.DataFrame") -> None:
    """Write a table as CSV (LF, no text that a spreadsheet would carry out) or Parquet, by its ending."""
    with written(folder / name) as part:
        if name.endswith(".csv"):
            harmless_table(table).to_csv(part, index=False, encoding="utf-8", lineterminator="\n")
        else:
            table.to_parquet(part, index=False, engine="pyarrow")


def json_bytes(value: Any) -> bytes:
    """A value as indented JSON: the same bytes again after they were read (ValueError for NaN)."""
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def write_json(folder: Path, name: str, value: Any) -> None:
    """Write a value as indented JSON; NaN is refused."""
    data = json_bytes(value)
    with written(folder / name) as part:
        part.write_bytes(data)


def sealed(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with the sha256 of the JSON that it is without one; a seal that it has is renewed."""
    plain = {name: value for name, value in manifest.items() if name != SEAL}
    return {**plain, SEAL: hashlib.sha256(json_bytes(plain)).hexdigest()}


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest with the sha256 of every table in the folder (the page is made from these) and of itself."""
    tables = [path for path in sorted(folder.iterdir()) if path.suffix in TABLE_ENDINGS]
    digests = {path.name: file_digest(path) for path in tables if path.name != MANIFEST}
    write_json(folder, MANIFEST, sealed({**manifest, "files": digests}))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result folder, without its seal (InputError when there is none that can be trusted)."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        manifest = json.loads(data)
    except FileNotFoundError as error:
        raise InputError(f"{folder}: there is no {MANIFEST} here; name a result folder.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: it cannot be read as JSON; make the result again.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise InputError(f"{path}: it is not a manifest of Machi; make the result again.")
    # One that was written before there were seals ends with its files; any other last field was a seal.
    if list(manifest)[-1] != "files" and json_bytes(sealed(manifest)) != data:
        raise InputError(f"{path}: it has changed since it was written; make the result again.")
    manifest.pop(SEAL, None)
    return manifest


def verify(folder: Path, name: str, manifest: dict[str, Any]) -> Path:
    """The path of a table whose bytes are those that the manifest names (InputError otherwise)."""
    path = folder / name
    if not path.is_file():
        raise InputError(f"{path}: the file is missing; make the result again with --fresh.")
    if file_digest(path) != manifest["files"].get(name):
        raise InputError(f"{path}: the file has changed since it was written; run again with --fresh.")
    return path


def read_table(folder: Path, name: str) -> "pd.DataFrame":
    """A table of a result folder, its bytes verified."""
    import pandas as pd

    path = verify(folder, name, read_manifest(folder))
    return pd.read_csv(path) if name.endswith(".csv") else pd.read_parquet(path, engine="pyarrow")


def read_json(folder: Path, name: str) -> Any:
    """A JSON file of a result folder, its bytes verified."""
    return json.loads(verify(folder, name, read_manifest(folder)).read_text(encoding="utf-8"))


def is_complete(folder: Path, wanted: str) -> bool:
    """Whether the folder holds a whole result with this fingerprint."""
    try:
        manifest = read_manifest(folder)
        for name in manifest["files"]:
            verify(folder, name, manifest)
    except InputError:
        return False
    return bool(manifest.get("fingerprint") == wanted)


@contextmanager
def built_aside(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder` to build in; it takes its place when the block succeeds."""
    make_folder(folder.parent)
    building = folder.parent / f".building-{folder.name}-{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        yield building
        _swap(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _swap(building: Path, folder: Path) -> None:
    """Put the new folder in the old one's place; the old one comes back if that fails."""
    old = folder.parent / f".old-{folder.name}-{os.getpid()}"
    try:
        if folder.exists():
            folder.replace(old)
        try:
            building.replace(folder)
        except OSError:
            if old.exists():
                old.replace(folder)
            raise
    except OSError as error:
        raise InputError(f"{folder}: it cannot be replaced ({error.strerror}); close what holds it open.") from error
    shutil.rmtree(old, ignore_errors=True)
