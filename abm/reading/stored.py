"""Named tuples of arrays in one file, with a checksum: what a run starts from is kept and read back to the byte."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHECKSUM = "sha256"


class DamagedFile(Exception):  # noqa: N818
    """A kept file cannot be read or does not match its checksum; it is to be made again."""


def save_arrays(arrays: dict[str, NDArray[Any]], path: Path) -> None:
    """Write arrays by name into `path` (numpy's npz), aside first and then in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            checked: dict[str, Any] = {**arrays, _CHECKSUM: np.frombuffer(_digest(arrays), np.uint8)}
            np.savez(file, **checked)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Arrays by name from `path`; raises DamagedFile where the file is missing, unreadable or changed."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except Exception as error:  # numpy raises many kinds for a damaged archive
        raise DamagedFile(f"{path.name}: {error}") from None
    kept = arrays.pop(_CHECKSUM, None)
    if kept is None or kept.tobytes() != _digest(arrays):
        raise DamagedFile(f"{path.name}: the checksum does not match.")
    return arrays


def _digest(arrays: dict[str, NDArray[Any]]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name}{arrays[name].dtype}{arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.digest()


def flattened(value: Any, prefix: str = "") -> dict[str, NDArray[Any]]:
    """A named tuple of arrays, or of such tuples, as arrays by dotted name."""
    flat: dict[str, NDArray[Any]] = {}
    for name, item in zip(value._fields, value, strict=True):
        if isinstance(item, tuple):
            flat |= flattened(item, f"{prefix}{name}.")
        else:
            flat[prefix + name] = np.asarray(item)
    return flat


def rebuilt(kind: Any, arrays: dict[str, NDArray[Any]], prefix: str = "") -> Any:
    """The named tuple of type `kind` from arrays by dotted name; raises DamagedFile where one is missing."""
    parts = []
    for name, hint in kind.__annotations__.items():
        if isinstance(hint, type) and issubclass(hint, tuple):
            parts.append(rebuilt(hint, arrays, f"{prefix}{name}."))
        elif prefix + name in arrays:
            parts.append(arrays[prefix + name])
        else:
            raise DamagedFile(f"{prefix}{name} is missing.")
    return kind(*parts)
