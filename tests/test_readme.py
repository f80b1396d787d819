"""What the READMEs tell a visitor to type works as printed, in a workspace of its own."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from command_line import exit_code, stand_in

import tasks
from machi import session

ROOT = Path(__file__).resolve().parent.parent
READMES = (ROOT / "README.md", ROOT / "README.ja.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = ("sh", "console")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#:]+)\)")


def blocks(readme: Path) -> list[tuple[str, str]]:
    """Every fenced block in order: (language, text)."""
    return FENCE.findall(readme.read_text(encoding="utf-8"))


def lines(readme: Path) -> list[list[str]]:
    """Every command that is printed, word by word, without its comment; a Python block is one command."""
    found: list[list[str]] = []
    for kind, text in blocks(readme):
        if kind == "python":
            found.append(["python", "-c", text])
        if kind in SHELL:
            found += [shlex.split(line.removeprefix("$ "), comments=True) for line in text.splitlines()]
    return [words for words in found if words]


def carried_out(words: list[str]) -> list[str] | None:
    """What the test runs for a printed command; None for a task that cannot run inside the suite.

    The main job runs as `--quick`: the same path with smaller numbers (`test_config` holds that only numbers differ).
    """
    match words:
        case ["python", "tasks.py", task, *rest]:
            assert task in tasks.TASKS
            main_job = tasks.commands("run", [*rest, "--quick"])[0][1:]
            return [sys.executable, "-m", "machi", *main_job] if task == "run" else None
        case ["machi", *_, "serve", _]:
            return None  # it serves until it is interrupted; test_serve starts, asks and interrupts it
        case ["machi", *rest]:
            return [sys.executable, "-m", "machi", *rest]
        case ["python", "-c", program]:
            return [sys.executable, "-c", program]
    raise AssertionError(f"a README prints a command that nobody tests: {shlex.join(words)}")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_visitor_meets_the_two_commands_first(readme: Path) -> None:
    assert [words[:3] for words in lines(readme)[:2]] == [["python", "tasks.py", task] for task in ("run", "test")]
    head = readme.read_text(encoding="utf-8").splitlines()
    assert head[0].startswith("# ") and head[2] == "```sh"


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_block_is_of_a_kind_that_is_tested(readme: Path) -> None:
    assert {kind for kind, _ in blocks(readme)} <= {*SHELL, "python"}
    assert len(blocks(readme)) * 2 == sum(line.startswith("```") for line in readme.read_text("utf-8").splitlines())


def test_both_readmes_print_the_same_commands() -> None:
    english, japanese = (lines(readme) for readme in READMES)
    assert english == japanese


@pytest.mark.parametrize("readme", [*READMES, ROOT / "ODD.md"], ids=lambda path: path.name)
def test_what_is_linked_is_there(readme: Path) -> None:
    links = LINK.findall(readme.read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("docs/images/") and not (ROOT / link).exists()] == []


def test_figures_of_the_odd_are_those_of_the_tables() -> None:
    """A figure that ODD.md writes as `name` = value is the one that the model reads."""
    japan = ROOT / "towns" / "japan"
    behaviour, founding, assumptions = (tomllib.loads((japan / f"{name}.toml").read_text(encoding="utf-8"))
                                        for name in ("behaviour", "founding", "assumptions"))  # fmt: skip
    sections = [section for file in (behaviour, founding) for section in file.values() if isinstance(section, dict)]
    known = {
        key: value["value"] if isinstance(value, dict) else value
        for section in sections
        for key, value in section.items()
    }
    known |= {key: entry["value"] for key, entry in assumptions.items()}
    stated = re.findall(r"`(\w+)`\s=\s([0-9.]*[0-9])", (ROOT / "ODD.md").read_text(encoding="utf-8"))
    assert len(stated) >= 10
    assert {key: float(value) for key, value in stated} == {key: float(known[key]) for key, _ in stated}


def test_every_command_works_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of one README, since both print the same; in order, since later commands use what earlier ones made.

    Tasks start a process as a visitor does; the commands behind them share this one, which loads compiled code once.
    """
    stand_in(tmp_path, monkeypatch)
    for words in lines(READMES[0]):
        line = carried_out(words)
        if line is None:
            continue
        if words[0] == "machi":
            monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
            code = exit_code(monkeypatch, *words[1:])
        else:
            code = subprocess.run(line, check=False).returncode
        told = capfd.readouterr()
        assert code == 0, f"{shlex.join(words)}\n{told.out[-2000:]}\n{told.err[-2000:]}"
        if "--out" in words:
            assert (tmp_path / words[words.index("--out") + 1]).stat().st_size > 0  # of a folder, too
    assert (tmp_path / "results" / "twelve_packages" / "report.html").is_file()
