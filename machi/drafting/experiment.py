"""The file of an experiment: what is asked, and designs of a size that suits the town."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from machi.drafting.text import line, value_text
from machi.questions.config import RANKED

SAMPLED, QUICK, ALONE = "sampled", "quick", "alone"  # stand-ins in defaults.toml for numbers that depend on the town
COMMENTS = {
    "basis": "`census` (1 October) or `register` (residents' register)",
    "scenario": "a future that the city does not control",
    "run_time": "the headline: `sustained` (kept, and paid, to the horizon) or `plan`",
    "seed": "replication r has the seed `seed + r` in every arm",
}


@cache
def defaults() -> dict[str, dict[str, Any]]:
    """What is written where no answer is given."""
    return tomllib.loads(resources.files(__package__).joinpath("defaults.toml").read_text(encoding="utf-8"))


def designs() -> list[str]:
    """The designs that can be asked for, those of the ranking first."""
    return list(defaults()["designs"])


def experiment_text(asked: Mapping[str, Any], chosen: Sequence[str], residents: float) -> str:
    """The file of an experiment; `asked` are its fields in order, `chosen` the names of its designs."""
    ranked = set(RANKED) <= set(chosen)
    lines = [
        "# Made by `machi new experiment`. Fields and designs: experiments/README.md. `machi check` says what is",
        f"# wrong, `machi run {asked['name']} --dry-run` says how long it takes"
        + ("." if ranked else "; a ranking with its page needs alone, predictive, morris and sobol."),
        "schema = 1",
    ]
    for key, value in asked.items():
        if key == "name":
            continue
        lines += ["", line(key, value)] if key == "town" else [line(key, value, COMMENTS.get(key, ""))]
    stand_ins = _stand_ins(residents)
    for name in chosen:
        fields = {**defaults()["designs"][name]}
        comment = fields.pop("comment")
        fields.pop(QUICK)
        lines += ["", f"{f'[{name}]':<32} # {comment}"]
        lines += [line(key, _settled(key, value, stand_ins)) for key, value in fields.items()]
    lines += ["", f"{'[quick]':<32} # `--quick`: the same path with smaller numbers; no figure of it is worth quoting"]
    for name in chosen:
        quick = defaults()["designs"][name][QUICK]
        inside = ", ".join(f"{key} = {value_text(_settled(key, value, stand_ins))}" for key, value in quick.items())
        lines.append(f"{name} = {{ {inside} }}")
    return "\n".join(lines) + "\n"


def _stand_ins(residents: float) -> dict[str, float]:
    """The numbers that depend on the size of a town, under the names that stand for them."""
    size = defaults()["fraction"]
    steps = size["steps"]
    index = next((at for at, step in enumerate(steps) if step * residents >= size["people"]), len(steps) - 1)
    return {
        SAMPLED: steps[index], ALONE: size["replications"][index], QUICK: defaults()[QUICK]["fractions"][index],
    }  # fmt: skip


def _settled(key: str, value: Any, stand_ins: Mapping[str, float]) -> Any:
    """A value of the defaults with its stand-in replaced (a fraction or a number of replications)."""
    return stand_ins[value] if key in ("fraction", "replications") and isinstance(value, str) else value
