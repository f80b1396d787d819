"""The set-up: what `tasks.py` does once, does again, and says when it cannot."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import machi
import tasks

ROOT = Path(tasks.__file__).resolve().parent
ALL = ["venv", "lock", "dev", "project"]


class Workshop:
    """A pretended checkout in which the steps of the set-up are only written down."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.done: list[str] = []
        self.fault: tuple[str, BaseException] | None = None
        for name in (tasks.LOCK, tasks.DEV_LOCK, tasks.DOCS_LOCK, "pyproject.toml"):
            (root / name).write_text(name, encoding="utf-8")

    def install(self, step: str) -> None:
        if self.fault and self.fault[0] == step:
            raise self.fault[1]
        python = tasks.program("python", self.root / ".venv")
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        self.done.append(step)

    def set_up(self, dev: bool, docs: bool = False) -> list[str]:
        """Set up and return the steps that were taken."""
        self.done.clear()
        tasks.set_up(dev, docs)
        return list(self.done)


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    place = Workshop(tmp_path)
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(tasks, "install", place.install)
    return place


def test_the_environment_is_made_once_and_used_again(workshop: Workshop) -> None:
    assert workshop.set_up(dev=True) == ALL
    assert workshop.set_up(dev=True) == []
    assert workshop.set_up(dev=False) == []


def test_the_documentation_needs_packages_of_its_own(workshop: Workshop) -> None:
    assert workshop.set_up(dev=True) == ALL
    assert workshop.set_up(dev=False, docs=True) == ["docs"]
    assert workshop.set_up(dev=True, docs=True) == []
    (workshop.root / tasks.DOCS_LOCK).write_text("newer", encoding="utf-8")
    assert workshop.set_up(dev=True) == []
    assert workshop.set_up(dev=False, docs=True) == ["docs"]


def test_run_leaves_the_development_packages_out(workshop: Workshop) -> None:
    assert workshop.set_up(dev=False) == ["venv", "lock", "project"]
    assert workshop.set_up(dev=True) == ["dev"]
    assert workshop.set_up(dev=False) == []
    assert workshop.set_up(dev=True) == []


@pytest.mark.parametrize(
    ("name", "left"), [(tasks.LOCK, ALL), (tasks.DEV_LOCK, ["dev"]), ("pyproject.toml", ["project"])]
)
def test_a_changed_file_repeats_what_depends_on_it(workshop: Workshop, name: str, left: list[str]) -> None:
    workshop.set_up(dev=True)
    (workshop.root / name).write_text("changed", encoding="utf-8")
    assert workshop.set_up(dev=True) == left
    assert workshop.set_up(dev=True) == []


@pytest.mark.parametrize("key", ["python", "root"])
def test_another_python_or_a_moved_folder_starts_anew(workshop: Workshop, key: str) -> None:
    stamp = {**tasks.fingerprint(workshop.root, dev=True), key: "another"}
    assert tasks.steps(stamp, tasks.fingerprint(workshop.root, dev=True)) == ALL


@pytest.mark.parametrize("step", ALL)
def test_an_interrupted_set_up_is_mended_by_the_next(workshop: Workshop, step: str) -> None:
    workshop.fault = (step, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        workshop.set_up(dev=True)
    workshop.fault = None
    assert workshop.set_up(dev=True) == ALL


def test_an_interrupted_addition_is_mended_too(workshop: Workshop) -> None:
    workshop.set_up(dev=False)
    workshop.fault = ("dev", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        workshop.set_up(dev=True)
    workshop.fault = None
    assert workshop.set_up(dev=False) == ["venv", "lock", "project"]


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"'])
def test_a_damaged_stamp_is_no_stamp(workshop: Workshop, content: str) -> None:
    workshop.set_up(dev=True)
    (tasks.VENV / "machi-stamp.json").write_text(content, encoding="utf-8")
    assert workshop.set_up(dev=True) == ALL


def test_an_environment_without_python_is_made_anew(workshop: Workshop) -> None:
    workshop.set_up(dev=True)
    tasks.program("python", tasks.VENV).unlink()
    assert workshop.set_up(dev=True) == ALL


def test_an_interruption_ends_with_130(workshop: Workshop) -> None:
    workshop.fault = ("lock", KeyboardInterrupt())
    assert tasks.main(["run"]) == 130


def test_a_failure_is_one_sentence(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.fault = ("lock", tasks.SetupError("No network.", 1))
    assert tasks.main(["test"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "No network."


def test_a_missing_lock_is_named(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    (workshop.root / tasks.LOCK).unlink()
    assert tasks.main(["run"]) == 2
    assert tasks.LOCK in capsys.readouterr().err


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_a_wrong_python_is_told_in_one_sentence(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    assert tasks.main(["run"]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert f"{version[0]}.{version[1]}" in sentence and "3.11, 3.12 or 3.13" in sentence


def test_every_supported_python_is_welcome() -> None:
    assert [tasks.python_problem(version) for version in tasks.SUPPORTED] == [None] * 3


def test_a_wrong_python_can_read_the_file_that_tells_it_so() -> None:
    ast.parse((ROOT / "tasks.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_only_the_standard_library_is_needed() -> None:
    tree = ast.parse((ROOT / "tasks.py").read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("arguments", [[], ["walk"]])
def test_an_unknown_task_lists_the_known(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert tasks.main(arguments) == 2
    said = capsys.readouterr().err
    assert all(task in said for task in tasks.TASKS)


def test_run_and_test_do_what_the_readme_says() -> None:
    assert tasks.commands("run", ["--quick"])[0][1:] == ["run", "twelve_packages", "--quick"]
    assert tasks.commands("test", ["-k", "x"])[0][1:] == ["-m", "pytest", "-k", "x"]
    for readme in sorted(ROOT.glob("README*.md")):
        text = readme.read_text(encoding="utf-8")
        assert "python tasks.py run" in text and "python tasks.py test" in text, readme.name
        assert set(re.findall(r"tasks\.py ([a-z]+)", text)) <= set(tasks.TASKS), readme.name


def test_programs_are_found_on_both_kinds_of_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Path("here")
    monkeypatch.setattr(tasks.os, "name", "posix")
    assert tasks.program("machi", here) == here / "bin" / "machi"
    monkeypatch.setattr(tasks.os, "name", "nt")
    assert tasks.program("machi", here) == here / "Scripts" / "machi.exe"


def pins(name: str) -> list[str]:
    """The requirements of a lock file, each with its hashes on one line."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


@pytest.mark.parametrize("name", [tasks.LOCK, tasks.DEV_LOCK, tasks.DOCS_LOCK])
def test_every_locked_package_has_a_hash_and_no_address(name: str) -> None:
    for line in pins(name):
        assert re.match(r"[a-z0-9-]+==[^ ]+ ", line) and "--hash=sha256:" in line, line[:80]
        assert "://" not in line and "--index" not in line and "file:" not in line, line[:80]


def test_the_development_lock_adds_and_changes_nothing() -> None:
    assert set(pins(tasks.LOCK)) < set(pins(tasks.DEV_LOCK))


def test_the_documentation_lock_names_the_same_versions() -> None:
    """It may want one of them on more platforms."""
    run, docs = (
        {re.sub(" ;.*?(?=--hash)", " ", line) for line in pins(name)} for name in (tasks.LOCK, tasks.DOCS_LOCK)
    )
    assert {" ".join(line.split()) for line in run} < {" ".join(line.split()) for line in docs}


def test_the_lock_serves_old_and_new_pythons() -> None:
    mesa = {line.split(" --hash")[0].strip() for line in pins(tasks.LOCK) if line.startswith("mesa==")}
    old, new = sorted(mesa)
    assert old.startswith("mesa==3.3.1 ") and old.endswith("python_full_version < '3.12'")
    assert new.startswith("mesa==3.5.") and new.endswith("python_full_version >= '3.12'")


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project["version"] == machi.__version__
    assert f"version: {machi.__version__}\n" in citation
