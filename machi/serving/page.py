"""The page of the what-if: sliders in both languages, under a policy that allows its own style, script and door."""

import json
from importlib import resources
from typing import Any, NamedTuple

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from machi.report.edition import read_words
from machi.report.page import digest, part
from machi.serving.asked import MOST_FIRST_SEED
from machi.serving.bench import Bench
from machi.serving.words import LANGS, words_of

SAY = "say_"  # words that begin so are sentences that the script fills
SEEDS = (1, 2, 4, 8)  # among which a visitor chooses
USUAL_SEEDS = 4
ROWS = ("people", "births", "moves_net", "marriages", "cost", "efficiency")


class Page(NamedTuple):
    """The page and the policy that goes before it."""

    html: str
    policy: str


def page_of(bench: Bench) -> Page:
    """The page of a bench."""
    style = part("page.css") + part("chooser.css") + _own("serve.css")
    script = part("page.js") + part("drawings.js") + _own("serve.js")
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    # Autoescape: names of packages come from data and may hold anything.
    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_own))
    html = environment.get_template("serve.html.j2").render(
        editions=[_edition(bench, place) for place in range(len(LANGS))],
        setting=json.dumps({"start": bench.ground.start, "end": bench.ground.end}),
        packages=[(package.key, package.grade) for package in bench.packages],
        style=Markup(style), script=Markup(script), most_first_seed=MOST_FIRST_SEED, seeds=SEEDS, usual=USUAL_SEEDS,
    )  # fmt: skip
    return Page(html, policy)


def _edition(bench: Bench, place: int) -> dict[str, Any]:
    """One language's part of the page."""
    lang, words, ground = LANGS[place], words_of(LANGS[place]), bench.ground
    run_time = words[f"run_time_{bench.run_time}"].format(end=ground.end)
    filled = {
        "town": getattr(ground.town, f"name_{lang}"), "result": bench.title[place], "run_time": run_time,
        "scenario": getattr(ground.scenario, f"name_{lang}"), "start": ground.start, "end": ground.end,
    }  # fmt: skip
    of_report = read_words()[lang]
    parts = of_report["chooser_parts"]
    changed = words["and"].join(parts[one] for one in bench.changed)
    return {
        "lang": lang,
        "other": LANGS[(place + 1) % len(LANGS)],
        "words": words,
        "title": words["title"].format(**filled),
        "subtitle": words["subtitle"].format(**filled),
        "lead": words["lead"].format(**filled),
        "changed": words["changed"].format(parts=changed) if changed else "",
        "grades": of_report["grade_note"],
        "packages": [getattr(package, f"name_{lang}") for package in bench.packages],
        "rows": [(key, words[f"row_{key}"]) for key in ROWS],
        "says": json.dumps(
            {key.removeprefix(SAY): text for key, text in words.items() if key.startswith(SAY)}, ensure_ascii=False
        ),
    }


def _own(name: str) -> str:
    """A part of the page that lies beside this module."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
