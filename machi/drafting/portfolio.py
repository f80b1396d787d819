"""The file of a portfolio that has a name."""

from collections.abc import Mapping

from machi.drafting.text import line, table


def portfolio_text(town: str, name: str, names: tuple[str, str], note: str, strengths: Mapping[str, float]) -> str:
    """The file of a portfolio: what it is called, and every package in it with its strength."""
    comments = {next(iter(strengths)): "1 is the dose that the package's stated cost buys; what is not named is off"}
    lines = [
        f"# A portfolio of {town}, made by `machi new portfolio`. It is run by",
        f"# `machi simulate {town} --scenario baseline --portfolio {name} --out {name}.csv`.",
        "schema = 1",
        line("name_ja", names[0]),
        line("name_en", names[1]),
        *([line("note", note)] if note else []),
        *table("[strengths]", dict(strengths), comments),
    ]
    return "\n".join(lines) + "\n"
