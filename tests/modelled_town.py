"""A model that is lived for some years in a test."""

from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.model import TownModel

Small = tuple[Founding, Reference]


def lived(small: Small, years: int | None = None, **arguments: object) -> TownModel:
    """A model after so many steps (all of them by default)."""
    model = TownModel(*small, **arguments)  # type: ignore[arg-type]
    while model.running and (years is None or model.town.y < years):
        model.step()
    return model
