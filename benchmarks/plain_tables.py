"""The reference arm's tables as nested lists, for a model of plain Mesa agents: quicker to look up than arrays."""

from dataclasses import dataclass
from typing import Any

from abm.decisions.childbirth import Births
from abm.decisions.coming import of_year
from abm.levels.reference import Reference, arrivals_of, births_in, deaths_in, named, search_in
from abm.levers import neutral

Table = list[Any]


@dataclass(frozen=True)
class Tables:
    """The reference arm's tables by year, as nested lists."""

    years: int
    start: int
    death: list[Table]  # [year][sex][age + 1]
    birth: list[Table]  # [year][in a union][age][parity]
    wait: Table  # [mother already][age][years since marriage or the last birth + 1], of wives
    search: list[Table]  # [year][sex][married before][age]
    accept: Table  # [his age - hers + 20]
    divorce: Table  # [her age]
    leave: list[Table]  # [year][sex][age][family]
    tie: Table  # [mother in town]
    stay: Table  # [came later][years since the last move]
    home: Table  # [sex][age]: leaving the parents' household
    male_share: float
    with_parents: float
    arrivals: list[list[tuple[int, ...]]]  # rows of each year, units contiguous


def tables_of(arm: Reference, fraction: float) -> Tables:
    """Tables and arrivals of all years of the arm without any policy."""
    none = named(neutral(1)[0])
    years = range(len(arm.rates.years))
    newcomers = []
    for y in years:
        table, _ = of_year(*arrivals_of(arm, y), int(arm.rates.years[y]), fraction, 1, none)
        newcomers.append(list(zip(*(column.tolist() for column in table), strict=True)))
    return Tables(
        years=len(years),
        start=int(arm.rates.years[0]),
        death=[deaths_in(arm, y, none).probability[0].tolist() for y in years],
        birth=[_births(births_in(arm, y, none)) for y in years],
        wait=arm.births.by_wait.tolist(),
        search=[search_in(arm, y, none).by_age.tolist() for y in years],
        accept=arm.search.acceptance.tolist(),
        divorce=arm.divorces.by_age.tolist(),
        leave=[(arm.moves.leave * arm.leave_factor[y][:, :, None]).tolist() for y in years],
        tie=arm.moves.by_tie[:, 0].tolist(),
        stay=arm.moves.by_stay.tolist(),
        home=arm.home.tolist(),
        male_share=float(arm.numbers.male_share[0]),
        with_parents=float(arm.numbers.joins_parents[0]),
        arrivals=newcomers,
    )


def _births(table: Births) -> Table:
    """Birth probabilities of residents: [in a union][age][parity]."""
    return list((table.by_age * table.level[0][:, None] * table.lever[0]).tolist())
