"""The page as one file: template, style and script together, under a policy that allows nothing else."""

import base64
import hashlib
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from .chooser import Stored
from .edition import Edition


def render(editions: list[Edition], stored: Stored | None = None) -> str:
    """One HTML file without a single address; the policy names the sha256 of its own style and script."""
    style = _part("page.css") + (_part("chooser.css") if stored else "")
    parts = [*(["page.js"] if len(editions) > 1 else []), *(["drawings.js", "chooser.js"] if stored else [])]
    script = "".join(_part(name) for name in parts)
    scripts = f"script-src '{_digest(script)}'" if script else "script-src 'none'"
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; {scripts}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    # Autoescape: names of packages and citations come from data and may hold anything.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True, loader=FunctionLoader(_part)
    )
    environment.filters["svg"] = Markup  # drawn by figures.py, where text has become paths
    template = environment.from_string(_part("page.html.j2"))
    return template.render(
        editions=editions, stored=stored, style=Markup(style), script=Markup(script), policy=Markup(policy)
    )


def _part(name: str) -> str:
    """A part of the page that lies beside this module."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """The source expression by which a policy allows an inline part."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
