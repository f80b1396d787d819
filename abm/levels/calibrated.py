"""The reference arm with factors on four of its hazards: what a town's own counts may ask for beyond its scenario.

A factor holds in every year and for everybody at risk; arrivals stay the stored counts. Levers come on top, as they do
on the uncalibrated arm.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from abm.errors import InputError
from abm.levels.reference import Reference

LEAST, MOST = 0.5, 2.0  # bounds of a factor, as of most levers; beyond them the scenario itself is wrong. An assumption
LIKELIEST = 0.95  # of a yearly return, so that no factor makes it certain; an assumption


class Factor(NamedTuple):
    """One hazard of the reference arm that may be scaled, with its name in both languages."""

    key: str
    en: str
    ja: str


FACTORS = (
    Factor("marriage", "how many of the unmarried search for a partner", "未婚者の結婚相手探し"),
    Factor("childbirth", "births of women within the town, every order", "出生（全出生順位）"),
    Factor("leaving", "moving out, every age", "転出（全年齢）"),
    Factor("uturn", "return of those who are away, every age", "Uターン（全年齢）"),
)
KEYS = tuple(factor.key for factor in FACTORS)


def calibrated(reference: Reference, factors: Mapping[str, float]) -> Reference:
    """The reference arm under factors by name, 1 for those not named; the stored arm is not touched.

    Raises InputError for a factor that there is not, or that is outside its bounds.
    """
    for key, value in factors.items():
        if key not in KEYS:
            raise InputError(f"calibration: there is no factor `{key}`; choose from {', '.join(KEYS)}.")
        if not LEAST <= value <= MOST:
            raise InputError(f"calibration: {key} is {value:g}; a factor lies between {LEAST:g} and {MOST:g}.")
    marriage, childbirth, leaving, uturn = (factors.get(key, 1.0) for key in KEYS)
    moves = reference.moves
    likeliest = np.maximum(moves.uturn, LIKELIEST)  # what is likelier already stays
    return reference._replace(
        search_factor=reference.search_factor * marriage,
        rates=reference.rates._replace(birth=reference.rates.birth * childbirth),
        birth_factor=reference.birth_factor * childbirth,
        leave_factor=reference.leave_factor * leaving,
        moves=moves._replace(uturn=np.minimum(moves.uturn * uturn, likeliest)),
    )
