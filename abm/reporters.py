"""What a model reports of each stock date and of the year that ends there: plain functions of the model."""

from collections.abc import Callable
from typing import Protocol

from abm.living_town import Town
from abm.people.outputs import Outputs


class Reported(Protocol):
    """What a reporter asks of a model: the town in the middle of its run, and its record so far."""

    @property
    def town(self) -> Town:
        """The town on the present stock date."""

    @property
    def outputs(self) -> Outputs:
        """The record of all years until then."""


def _stock(name: str) -> Callable[[Reported], float]:
    """Reporter of a stock on the present stock date, on the scale of the whole town."""

    def report(model: Reported) -> float:
        return float(getattr(model.outputs, name)[model.town.y].sum() / model.outputs.fraction)

    return report


def _flow(name: str) -> Callable[[Reported], float | None]:
    """Reporter of a flow of the year that has just ended, on the scale of the whole town; None before the first."""

    def report(model: Reported) -> float | None:
        if model.town.y == 0:
            return None
        return float(getattr(model.outputs, name)[model.town.y - 1].sum() / model.outputs.fraction)

    return report


def _year(model: Reported) -> int:
    return model.town.year


def _vacancies(model: Reported) -> float:
    return float(model.outputs.vacancies[model.town.y])


REPORTERS: dict[str, Callable[[Reported], float | None]] = {
    "year": _year,
    **{name: _stock(name) for name in ("population", "away", "households", "employed", "unemployed")},
    "vacancies": _vacancies,
    **{name: _flow(name) for name in (
        "births", "deaths", "marriages", "divorces", "moves_in", "moves_out", "returns")},
}  # fmt: skip
