"""The project's tasks and all the set-up they need: `python tasks.py run|test|check|bench|docs|lock [arguments]`.

Standard library only. The first task makes `.venv` and installs what the lock files name; later ones use it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"
DOCS_LOCK = "requirements-docs.lock"
SUPPORTED = ((3, 11), (3, 12), (3, 13))
TASKS = {
    "run": "rank the twelve packages (machi run twelve_packages)",
    "test": "run the test suite (pytest)",
    "check": "look at style and types (ruff, mypy --strict)",
    "bench": "time the model (python -m benchmarks)",
    "docs": "build the documentation site into site/ (mkdocs)",
    "lock": "resolve the lock files again (uv; --upgrade for newer versions)",
}
NEEDS_DEV = ("test", "check")
NEEDS_DOCS = ("docs",)
EXTRAS = ("dev", "docs")  # sets of packages that only some tasks need, each with its lock file


class SetupError(Exception):
    """The environment cannot be made; carries one sentence for the user and the exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def python_problem(version: tuple[int, int]) -> str | None:
    """Return one sentence if this Python (major, minor) is not supported, else None."""
    if version in SUPPORTED:
        return None
    here = f"{version[0]}.{version[1]}"
    return f"Machi needs Python 3.11, 3.12 or 3.13 and this is {here}: start tasks.py with one of them."


def program(name: str, venv: Path = VENV) -> Path:
    """Return the path of a program inside a virtual environment, on this platform."""
    return venv / "Scripts" / f"{name}.exe" if os.name == "nt" else venv / "bin" / name


def commands(task: str, extra: list[str]) -> list[list[str]]:
    """Return the command lines that a task carries out once `.venv` stands; `extra` goes to the first."""
    python = str(program("python"))
    lines = {
        "run": [[str(program("machi")), "run", "twelve_packages"]],
        "test": [[python, "-m", "pytest"]],
        "check": [[python, "-m", "ruff", "check", "."], [python, "-m", "mypy", "--strict"]],
        "bench": [[python, "-m", "benchmarks"]],
        "docs": [[python, "-m", "mkdocs", "build"]],
    }[task]
    return [lines[0] + extra, *lines[1:]]


def fingerprint(root: Path, dev: bool, docs: bool = False) -> dict[str, str]:
    """Return what `.venv` depends on: Python, the folder, the sha256 of the locks and of pyproject.toml."""

    def digest(name: str) -> str:
        try:
            return hashlib.sha256((root / name).read_bytes()).hexdigest()
        except OSError as error:
            raise SetupError(f"{name} cannot be read in {root}: take a complete checkout.") from error

    return {
        "python": platform.python_version(),
        "root": str(root),
        "lock": digest(LOCK),
        "project": digest("pyproject.toml"),
        "dev": digest(DEV_LOCK) if dev else "",
        "docs": digest(DOCS_LOCK) if docs else "",
    }


def read_stamp(venv: Path) -> dict[str, str]:
    """Return what the last complete set-up left, or an empty table when there is none."""
    try:
        stamp = json.loads((venv / "machi-stamp.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and program("python", venv).exists() else {}


def steps(stamp: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Return what is left to do (venv, lock, dev, docs, project), in order; a missing stamp means everything.

    Packages for development and for the documentation once installed stay: an empty `wanted` asks for nothing.
    """
    extras = [extra for extra in EXTRAS if wanted.get(extra)]
    if any(stamp.get(key) != wanted[key] for key in ("python", "root", "lock")):
        return ["venv", "lock", *extras, "project"]
    missing = [extra for extra in extras if stamp.get(extra) != wanted[extra]]
    return [*missing, *(["project"] if stamp.get("project") != wanted["project"] else [])]


def carry_out(line: list[str]) -> int:
    """Run a command in the project's folder and return its exit code; Ctrl-C is left to the command."""
    child = subprocess.Popen(line, cwd=ROOT)
    interrupted = False
    while True:
        try:
            code = child.wait()
            break
        except KeyboardInterrupt:
            interrupted = True
    return 130 if interrupted and code else code if code >= 0 else 128 - code


def install(step: str) -> None:
    """Do one step of the set-up; raise SetupError if it fails."""
    pip = [str(program("python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    line = {
        "venv": [sys.executable, "-m", "venv", "--clear", str(VENV)],
        "lock": [*pip, "--no-compile", "--require-hashes", "-r", LOCK],
        "dev": [*pip, "--no-compile", "--require-hashes", "-r", DEV_LOCK],
        "docs": [*pip, "--no-compile", "--require-hashes", "-r", DOCS_LOCK],
        "project": [*pip, "--no-deps", "--no-build-isolation", "--editable", "."],
    }[step]
    code = carry_out(line)
    if code == 130:
        raise KeyboardInterrupt
    if code:
        part = {"venv": "making .venv", "project": "installing the project"}.get(step, "installing packages")
        raise SetupError(f"Set-up failed while {part} (see above); run the same command again to retry.", 1)


def set_up(dev: bool, docs: bool = False) -> None:
    """Bring `.venv` up to date; no stamp stands meanwhile, so what is interrupted starts anew."""
    wanted = fingerprint(ROOT, dev, docs)
    stamp = read_stamp(VENV)
    left = steps(stamp, wanted)
    if not left:
        return
    if "venv" in left and Path(sys.prefix).resolve() == VENV.resolve():
        raise SetupError("The environment .venv is out of date: call tasks.py with the Python outside .venv.")
    print(f"Setting up .venv ({', '.join(left)}) ...", file=sys.stderr, flush=True)
    path = VENV / "machi-stamp.json"
    path.unlink(missing_ok=True)
    for step in left:
        install(step)
    kept = {extra: wanted[extra] or ("" if "venv" in left else stamp.get(extra, "")) for extra in EXTRAS}
    done = {**wanted, **kept}
    path.write_text(json.dumps(done, indent=1), encoding="utf-8")


def lock(extra: list[str]) -> int:
    """Resolve the lock files with uv, for every supported Python and platform; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv")
        if uv is None:
            venv = Path(folder) / "venv"
            fetch = [str(program("python", venv)), "-m", "pip", "install", "--quiet", "uv"]
            if carry_out([sys.executable, "-m", "venv", str(venv)]) or carry_out(fetch):
                raise SetupError("uv could not be installed (see above): install uv or mend the network.", 1)
            uv = str(program("uv", venv))
        plain = ["--quiet", "--no-emit-index-url", "--no-annotate", "--no-header", *extra, "pyproject.toml"]
        every = ["--universal", "--generate-hashes", "--python-version", "3.11"]
        compile_ = [uv, "pip", "compile", *every, *plain]
        code = carry_out([*compile_, "-o", LOCK])
        for name, file in zip(EXTRAS, (DEV_LOCK, DOCS_LOCK), strict=True):
            code = code or carry_out([*compile_, "--extra", name, "--constraints", LOCK, "-o", file])
        return code


def main(arguments: list[str]) -> int:
    """Carry out the task named first; return its exit code (2: wrong task or Python, 130: interrupted)."""
    problem = python_problem(sys.version_info[:2])
    task = arguments[0] if arguments else ""
    if problem or task not in TASKS:
        table = "\n".join(f"  {name:6} {meaning}" for name, meaning in TASKS.items())
        print(problem or f"Usage: python tasks.py TASK [arguments]\n{table}", file=sys.stderr)
        return 2
    try:
        if task == "lock":
            return lock(arguments[1:])
        set_up(dev=task in NEEDS_DEV, docs=task in NEEDS_DOCS)
        codes = [carry_out(line) for line in commands(task, arguments[1:])]
        return next((code for code in codes if code), 0)
    except SetupError as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
