"""The one way to compile: `@rule` for a rule of one row, `@kernel` for a loop over rows.

Numba's own cache does not notice a change in a function that lives in another file, so compiled code is kept in a
folder whose name holds the sha256 of every source file of `abm/`, the bounds-check setting and the generator: an
edited rule is always recompiled. No number from a table may be a module global (it would be frozen into the compiled
code).
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba

from abm.generator import generator

F = TypeVar("F", bound=Callable[..., object])


def source_fingerprint(folder: Path = Path(__file__).parent) -> str:
    """Sixteen hex digits that change with any source of `folder`, Numba's version and bounds check, and the stream."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode("utf-8"))
        digest.update(path.read_bytes())
    digest.update(numba.__version__.encode("utf-8"))
    digest.update(str(numba.config.BOUNDSCHECK).encode("utf-8"))
    digest.update(generator().encode("utf-8"))
    return digest.hexdigest()[:16]


def _candidate_folders() -> list[Path]:
    """Where compiled code may be kept, best first; the home folder may be missing and the install read-only."""
    named = os.environ.get("MACHI_CACHE")
    user = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
    folders = [Path(named)] if named else []
    folders.append(Path(__file__).parent / "__pycache__")
    if user:
        folders.append(Path(user) / "machi")
    folders.append(Path(tempfile.gettempdir()) / "machi-cache")
    return folders


def cache_folder() -> Path | None:
    """The first writable folder for compiled code, made if need be; None where nothing is writable."""
    for parent in _candidate_folders():
        folder = parent / f"compiled-{source_fingerprint()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


_FOLDER = cache_folder()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)


def rule(function: F) -> F:
    """Compile a pure rule of one row; it may be called from kernels and, for `outlook()`, from Python.

    Rules are inlined and allocate nothing, so they need no reference counting: counting the references of every
    column at each call cost twenty times as much as the rule itself.
    """
    return _compiled(function, forceinline=True, _nrt=False)


def kernel(function: F) -> F:
    """Compile a loop over rows; it releases the interpreter lock, so replications can run in threads."""
    return _compiled(function)


def _compiled(function: F, **options: bool) -> F:
    compiled: F = numba.njit(nogil=True, error_model="numpy", cache=_FOLDER is not None, **options)(function)
    return compiled
