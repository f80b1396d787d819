"""The guides in docs/: every command works, every link leads somewhere, and the site is whole without a network."""

import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from command_line import exit_code
from test_readme import LINK, READMES, ROOT, SHELL, blocks, carried_out, lines
from typer.main import get_command

from machi import session
from machi.cli import app

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
# Their commands need what the suite has not: a cluster, or another program's hours.
TOLD_ONLY = ("cluster.md", "random-stream.md")
# In this order, since later commands use what earlier ones made.
GUIDES = [DOCS / "ja" / "planner.md", *(page for page in PAGES if page.name not in ("planner.md", *TOLD_ONLY))]
SKETCH = "0.02"  # the fraction at which the tests run what a guide prints
EXTERNAL = re.compile(
    r"""<(?:script|img|iframe|source)[^>]+src=["']?(?:https?:)?//|<link[^>]+href=["']?(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def publishing() -> ModuleType:
    """The hook of the site."""
    spec = importlib.util.spec_from_file_location("publishing", DOCS / "publishing.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sketched(words: list[str]) -> list[str]:
    """A printed command in its quick form: the same path with fewer people and runs."""
    quick = [SKETCH if before == "--fraction" else word for before, word in zip(["", *words], words, strict=False)]
    return [*quick, "--quick"] if "run" in words[:6] else quick


def smaller(folder: Path) -> None:
    """A workspace whose experiment on Ninohe is the shipped one, with fewer people in its quick form."""
    (folder / "machi.toml").touch()
    (folder / "experiments").mkdir()
    shipped = (ROOT / "experiments" / "ninohe.toml").read_text(encoding="utf-8")
    text = re.sub(r"fraction = 0\.25(?= |,)", f"fraction = {SKETCH}", shipped)
    assert text != shipped
    (folder / "experiments" / "ninohe.toml").write_text(text, encoding="utf-8", newline="\n")


def test_every_command_of_the_guides_works_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In this process, where compiled code is loaded once; the README's test starts a process for each command."""
    smaller(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACHI_LANG", "en")
    done: list[list[str]] = lines(READMES[0])  # these are run by the README's own test
    for words in [words for guide in GUIDES for words in lines(guide)]:
        if words in done:
            continue
        done.append(words)
        command = carried_out(sketched(words) if words[0] == "machi" else words)
        if command is None:
            continue
        if command[1:3] == ["-m", "machi"]:
            monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
            code = exit_code(monkeypatch, *command[3:])
        else:
            code = subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
        told = capfd.readouterr()
        assert code == 0, f"{shlex.join(words)}\n{told.out[-2000:]}\n{told.err[-2000:]}"
    assert (tmp_path / "results" / "ninohe" / "report.html").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_block_of_a_guide_is_tested(page: Path) -> None:
    kinds = {kind for kind, _ in blocks(page)}
    assert page.name in TOLD_ONLY or kinds <= {*SHELL, "python"}


@pytest.mark.parametrize("name", TOLD_ONLY)
def test_commands_that_are_only_told_exist(name: str) -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    told = [words for words in lines(DOCS / name) if words[:1] == ["machi"]]
    assert all(set(words) & set(known) for words in told)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_of_a_guide_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_on_the_map(publishing: ModuleType) -> None:
    shown = re.findall(r"[\w/-]+\.md$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    pages = {page.relative_to(DOCS).as_posix() for page in PAGES} | set(publishing.DOCUMENTS.values())
    assert sorted(shown) == sorted(pages)


def test_links_between_documents_lead_to_their_pages(publishing: ModuleType) -> None:
    text = "[a](../../README.ja.md) [b](../validation.md#x) ![c](../images/c.png) [d](../../abm/year.py) [e](https://x.org)"
    assert publishing.linked(text, "ja/planner.md") == (
        "[a](overview.md) [b](../validation.md#x) ![c](../images/c.png) d [e](https://x.org)"
    )
    assert publishing.linked("[a](../ODD.md) `[l](u)`", "towns.md").startswith("[a](odd.md)")
    assert publishing.linked("```sh\n[a](../ODD.md)\n```\n", "towns.md") == "```sh\n[a](../ODD.md)\n```\n"


def test_the_api_page_tells_every_public_name(publishing: ModuleType) -> None:
    import machi

    told = publishing.public_names()
    assert all(f"## `machi.{name}`" in told for name in machi.__all__)
    assert "Live a town without policy" in told


def test_the_site_is_whole_without_a_network(tmp_path: Path) -> None:
    if importlib.util.find_spec("mkdocs") is None:
        pytest.skip("mkdocs is not installed; `python tasks.py docs` installs it and builds the site")
    site = tmp_path / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    assert [name for name, text in pages.items() if EXTERNAL.search(text)] == []
    assert '<html lang="ja"' in pages["ja/planner.html"] and '<html lang="en"' in pages["odd.html"]
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"url\([\"']?(?:https?:)?//", styles)


def test_the_documentation_has_a_lock_of_its_own() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [re.split(r"[<>=]", one)[0] for one in table["project"]["optional-dependencies"]["docs"]]
    pinned = (ROOT / "requirements-docs.lock").read_text(encoding="utf-8")
    assert all(f"\n{name}==" in pinned for name in wanted)
