"""The command, called within a test's process from a folder of its own."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from machi import cli, session


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder the workspace, in English, with nothing left of another command's options."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MACHI_LANG", "en")
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
    (folder / "machi.toml").touch()


def exit_code(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """Call the command with `words` and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["machi", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(str(ended.value.code))


def command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The command from a workspace: called with words it gives (exit code, stdout, stderr)."""
    stand_in(folder, monkeypatch)

    def call(*words: object) -> tuple[int, str, str]:
        code = exit_code(monkeypatch, *words)
        return code, *capfd.readouterr()

    return call
