"""The reference arm's tables as Machi's steps take them, without whatever the plain Mesa model knows nothing of.

They are made once for all years, as `plain_tables.py` makes the plain model's. What is left out is set to change
nothing: the steps still look at everybody's work and origin, which stay as founded (who grows up stays a student), but
no probability hangs on work, on commuting, or on a foreign, an evacuee's or a builder's origin.
"""

import numpy as np

from abm.decisions.childbirth import Births
from abm.decisions.coming import of_year
from abm.decisions.employment import Labour
from abm.decisions.marriage import Search
from abm.decisions.migration import Moves
from abm.decisions.mortality import Deaths
from abm.draws import Words
from abm.levels.reference import Reference, arrivals_of, births_in, deaths_in, moves_in, named, search_in
from abm.levers import neutral
from abm.living_town import Town
from abm.people.population import Arrivals
from abm.simulation import Array, FixedPlan

NO_OWN = -1.0  # an origin that leaves like everybody else


def plain_arm(arm: Reference) -> Reference:
    """The arm with work, colleagues, evacuees and a husband's way back to his mother set to change nothing."""
    one, search, births, moves = np.ones_like, arm.search, arm.births, arm.moves
    return arm._replace(
        search=search._replace(by_work=one(search.by_work), homogamy=one(search.homogamy)),
        divorces=arm.divorces._replace(by_husband=one(arm.divorces.by_husband)),
        births=births._replace(
            by_work=one(births.by_work), by_husband=one(births.by_husband), by_workplace=one(births.by_workplace)
        ),
        moves=moves._replace(
            by_work=one(moves.by_work),
            by_tie=np.repeat(moves.by_tie[:, :1], moves.by_tie.shape[1], axis=1),  # everybody works in town
            two_earners=one(moves.two_earners),
        ),
        rates=arm.rates._replace(
            evacuees_home=np.zeros_like(arm.rates.evacuees_home), evacuees_share=np.zeros_like(arm.rates.evacuees_share)
        ),
        numbers=arm.numbers._replace(divorced_to_parents=np.zeros(1)),
    )


class PlainPlan(FixedPlan):
    """The plan of `plain_machi.py`: all years' tables and arrivals, ready-made."""

    def __init__(self, arm: Reference, fraction: float) -> None:
        years = range(len(arm.rates.years))
        super().__init__(plain_arm(arm), neutral(len(years)))
        arm, none = self.reference, named(neutral(1)[0])
        self._search = [search_in(arm, y, none) for y in years]
        self._births = [births_in(arm, y, none) for y in years]
        self._moves = [moves_of(arm, y, none) for y in years]
        self._deaths = [deaths_in(arm, y, none) for y in years]
        self._arrivals = [of_year(*arrivals_of(arm, y), int(arm.rates.years[y]), fraction, 1, none) for y in years]

    def search(self, town: Town) -> Search:
        return self._search[town.y]

    def births(self, town: Town) -> Births:
        return self._births[town.y]

    def moves(self, town: Town) -> Moves:
        return self._moves[town.y]

    def deaths(self, town: Town) -> Deaths:
        return self._deaths[town.y]

    def arrivals(self, town: Town, left: Array, returned: Array) -> tuple[Arrivals, Words]:
        """The same people in every run, whatever its seed."""
        return self._arrivals[town.y]


def moves_of(arm: Reference, y: int, none: dict[str, float]) -> Moves:
    """The year's moving table where vacancies are as usual."""
    table = moves_in(arm, y, Labour(arm.vacancies[y], arm.in_commuters[y]), none, 1.0)
    return table._replace(own=np.full_like(table.own, NO_OWN))
