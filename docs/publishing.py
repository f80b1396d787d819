"""What the documentation site is made of besides docs/: the documents of the other rooms, and the API's own words.

A hook of MkDocs (mkdocs.yml). Each document stands once in the project; links between them are led to their pages here,
and a link to a file that is no page keeps its words only.
"""

import ast
import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Documents outside docs/, and the pages that they become.
DOCUMENTS = {
    "README.md": "overview.md",
    "README.ja.md": "ja/overview.md",
    "ODD.md": "odd.md",
    "CHANGELOG.md": "changelog.md",
    "towns/README.md": "towns.md",
    "policies/README.md": "policies.md",
    "experiments/README.md": "experiments.md",
}
NO_PAGES = ("docs/publishing.py", "docs/town_viewer.py", "docs/tutorial.ipynb")
API_MARK = "<!-- the public names -->"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")
FENCE = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Put the documents of the other rooms among the pages."""
    from mkdocs.structure.files import File

    for document, page in DOCUMENTS.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / document)))
    return files


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:
    """A page under ja/ has a Japanese frame."""
    config.theme["language"] = language_of(page.file.src_uri)
    return context


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """A page's text with its links led to pages, and the API where it belongs."""
    return linked(markdown.replace(API_MARK, public_names()), page.file.src_uri)


def language_of(page: str) -> str:
    """The language of a page, by its folder."""
    return "ja" if page.startswith("ja/") else "en"


def linked(markdown: str, page: str) -> str:
    """A text whose links, which are those of the checkout, lead to pages; what is fenced stays as it is."""
    sources = {made: document for document, made in DOCUMENTS.items()}
    home = posixpath.dirname(sources.get(page, f"docs/{page}"))

    def led(found: re.Match[str]) -> str:
        picture, words, target, anchor = found.groups()
        if not target or ":" in target:
            return found[0]
        there = page_of(posixpath.normpath(posixpath.join(home, target)))
        if there is None:
            return words
        return f"{picture}[{words}]({posixpath.relpath(there, posixpath.dirname(page) or '.')}{anchor or ''})"

    parts = FENCE.split(markdown)
    return "".join(part if part.startswith("```") else LINK.sub(led, part) for part in parts)


def page_of(path: str) -> str | None:
    """The page that a file of the checkout becomes, or None."""
    if path in DOCUMENTS:
        return DOCUMENTS[path]
    return path.removeprefix("docs/") if path.startswith("docs/") and path not in NO_PAGES else None


def public_names() -> str:
    """Every public name of `machi` with its signature and its own words, read without importing anything."""
    package = ast.parse((ROOT / "machi" / "__init__.py").read_text(encoding="utf-8"))
    rooms = next(
        ast.literal_eval(node.value)
        for node in package.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_ROOMS"
    )
    return "\n\n".join(_told(name, room) for name, room in sorted(rooms.items()))


def _told(name: str, room: str) -> str:
    """One public name: its heading, signature and docstring, and those of a class's public methods."""
    tree = ast.parse((ROOT / Path(*room.split("."))).with_suffix(".py").read_text(encoding="utf-8"))
    node = next(one for one in tree.body if getattr(one, "name", "") == name)
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    parts = [f"## `machi.{name}`", *_body(node, f"machi.{name}")]
    if isinstance(node, ast.ClassDef):
        for one in node.body:
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                parts += [f"### `{name}.{one.name}`", *_body(one, one.name)]
    return "\n\n".join(parts)


def _body(node: ast.FunctionDef | ast.ClassDef, shown: str) -> list[str]:
    """The signature of a function, and the docstring."""
    parts = []
    is_property = isinstance(node, ast.FunctionDef) and any(
        getattr(one, "id", "") == "property" for one in node.decorator_list
    )
    if isinstance(node, ast.FunctionDef) and not is_property:
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        given = ast.unparse(node.args).removeprefix("self, ").removeprefix("self").removeprefix("cls, ")
        parts.append(f"```python\n{shown}({given}){returns}\n```")
    text = ast.get_docstring(node)
    return [*parts, *([text] if text else [])]
