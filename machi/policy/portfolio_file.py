"""A portfolio that a planner has given a name: packages with strengths, one TOML file beside the town's packages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from abm.errors import InputError
from abm.reading.forms import Record, Text, read_form, shortened
from abm.reading.toml_lines import line_of
from machi.places import Places, suggestion

Strength = Annotated[float, Field(gt=0.0, le=1.0)]


class NamedPortfolio(Record):
    """A set of a town's packages with strengths; the file's name is the portfolio's, what it leaves out is off."""

    schema_: Literal[1] = Field(alias="schema")
    name_ja: Text
    name_en: Text
    note: str = ""
    strengths: Annotated[dict[str, Strength], Field(min_length=1)]


def read_portfolio(places: Places, path: Path, town: str) -> NamedPortfolio:
    """Read a portfolio of a town (InputError where a field is wrong, or the town has no such package)."""
    portfolio = read_form(path, NamedPortfolio)
    known = [file.stem for file in places.package_dir(town).glob("*.toml")]
    for key in portfolio.strengths:
        if key not in known:
            line = line_of(path.read_text(encoding="utf-8"), ("strengths", key))
            named = f"there is no package `{shortened(key)}`; {suggestion(key, known)}"
            raise InputError(f"{path}, line {line}: strengths: {named}")
    return portfolio


def strengths_of(places: Places, town: str, portfolio: str) -> Mapping[str, float]:
    """The strengths by package of a portfolio given by name or path (InputError when there is none)."""
    return read_portfolio(places, places.portfolio_path(town, portfolio), town).strengths


def with_portfolio(places: Places, town: str, portfolio: str | None, by_hand: Mapping[str, float]) -> dict[str, float]:
    """The strengths of a named portfolio and those given by hand; InputError for a package that stands in both."""
    if portfolio is None:
        return dict(by_hand)
    named = strengths_of(places, town, portfolio)
    for key in by_hand:
        if key in named:
            raise InputError(f"--package: {key} stands in the portfolio {portfolio} already; leave one of them out.")
    return {**named, **by_hand}
