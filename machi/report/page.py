"""The page as one file: template, style and script together, under a policy that allows nothing else."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from .chooser import Stored
from .edition import Edition

ROOM = __package__


def render(editions: list[Edition], stored: Stored | None = None) -> str:
    """The page of a result: a story in each language, with the chooser of portfolios where a table is stored."""
    styles = ["chooser.css"] if stored else []
    scripts = ["drawings.js", "chooser.js"] if stored else []
    return document("page.html.j2", editions, styles, scripts, stored=stored)


def document(
    template: str,
    editions: Sequence[Any],
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    room: str = ROOM,
    **values: object,
) -> str:
    """One HTML file without a single address; the policy names the sha256 of its own style and script.

    `editions` have lang, other, title, subtitle and words, one a language. `template` extends `frame.html.j2`; it,
    `styles` and `scripts` lie in the package `room` or here. Names in the data may hold anything: all is escaped.
    """
    style = "".join(part(name, room) for name in ("page.css", *styles))
    script = "".join(part(name, room) for name in (*(["page.js"] if len(editions) > 1 else []), *scripts))
    allowed = f"script-src '{digest(script)}'" if script else "script-src 'none'"
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = FunctionLoader(lambda name: part(name, room))
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True, loader=parts)
    environment.filters["svg"] = Markup  # drawn by figures.py, where text has become paths
    return environment.get_template(template).render(
        editions=editions, style=Markup(style), script=Markup(script), policy=Markup(policy), **values
    )


def part(name: str, room: str = ROOM) -> str:
    """A part of a page that lies in the package `room`, else beside this module."""
    own = resources.files(room).joinpath(name)
    return (own if own.is_file() else resources.files(ROOM).joinpath(name)).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """The source expression by which a policy allows an inline part."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
