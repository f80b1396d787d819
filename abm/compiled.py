"""The one way to compile: `@rule` for a rule of one row, `@kernel` for a loop over rows, `@step` for a step of a year.

Numba's own cache does not notice a change in a function that lives in another file, so compiled code is kept in a
folder whose name holds the sha256 of every source file of `abm/`, the settings of bounds check and optimisation, and
the generator: an edited rule is always recompiled. No number from a table may be a module global (it would be frozen
into the compiled code).
"""

import functools
import hashlib
import inspect
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numba

from abm.generator import generator

F = TypeVar("F", bound=Callable[..., object])


def source_fingerprint(folder: Path = Path(__file__).parent) -> str:
    """Sixteen hex digits that change with any source of `folder`, Numba's version and settings, and the stream."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode("utf-8"))
        digest.update(path.read_bytes())
    digest.update(numba.__version__.encode("utf-8"))
    digest.update(f"{numba.config.BOUNDSCHECK} {numba.config.OPT}".encode())
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


def step(function: F) -> F:
    """Compile what Python calls each year with whole tables (NamedTuples, or tuples of them, by their annotations).

    Numba finds the type of an array at once, that of a tuple of arrays ten times as slowly. So a step's tables are
    taken apart on the way in and put together again in compiled code. Kernels cannot call a step.
    """
    inside = _compiled(function, inline="always")
    names, hints = list(inspect.signature(function).parameters), get_type_hints(function)
    arrays: list[str] = []
    known: dict[str, Any] = {"inside": inside}
    whole = [_whole(hints[name], name, arrays, known) for name in names]
    flat = ", ".join(f"_{k}" for k in range(len(arrays)))
    apart = _compiled(_written(function, "apart", flat, f"inside({', '.join(whole)})", known))
    outside = _written(function, "call", ", ".join(names), f"apart({', '.join(arrays)})", {"apart": apart})
    return functools.update_wrapper(outside, function)  # type: ignore[return-value]


def _whole(kind: Any, name: str, arrays: list[str], known: dict[str, Any]) -> str:
    """How an argument of a kind is put together from arrays; what is handed over for it is written behind `arrays`."""
    if hasattr(kind, "_fields"):
        table, of = f"{kind.__name__}_{len(known)}", get_type_hints(kind)  # two kinds may share a name
        known[table] = kind
        return f"{table}({', '.join(_whole(of[one], f'{name}.{one}', arrays, known) for one in kind._fields)})"
    if get_origin(kind) is tuple:
        parts = [_whole(one, f"{name}[{k}]", arrays, known) for k, one in enumerate(get_args(kind))]
        return f"({', '.join(parts)},)"
    arrays.append(name)
    return f"_{len(arrays) - 1}"


def _written(function: Callable[..., object], name: str, taken: str, given: str, known: dict[str, Any]) -> Any:
    """A function of one expression, in the place of another one: Numba keeps compiled code by file and name."""
    source = f"def {name}({taken}):\n    return {given}\n"
    exec(compile(source, inspect.getfile(function), "exec"), known)
    known[name].__qualname__, known[name].__module__ = f"{function.__name__}.{name}", function.__module__
    return known[name]


def _compiled(function: F, **options: bool | str) -> F:
    compiled: F = numba.njit(
        nogil=True, error_model="numpy", cache=_FOLDER is not None, no_cfunc_wrapper=True, **options
    )(function)
    return compiled
