"""Base tables of kinds of work: regular, non-regular and self-employed as founded, kept by yearly transitions."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.known.behaviour import Shape
from abm.known.hazards import AGES
from abm.levels.by_age import per_age, smooth
from abm.people.population import REGULAR, SELF_EMPLOYED, UNEMPLOYED, Persons

Array = NDArray[np.float64]
_WIDTH = 9  # ages over which shares of kinds are smoothed: founding draws them in wide bands
_MOST = 0.5  # highest yearly probability of another kind of work
_LEAST = 1e-6


class Kinds(NamedTuple):
    """Transitions by sex and age, float64[2, 101] each but `lose` [3 (non-regular, regular, own), 2, 101]."""

    lose: Array
    regular: Array  # of hired employees
    self_employed: Array  # of those who come into work
    starts: Array
    to_regular: Array
    to_nonregular: Array


def profile_of_kinds(persons: Persons, residents: NDArray[np.int64]) -> tuple[Array, Array]:
    """Founded shares: of the self-employed among the employed, of regular among employees; float64[2, 101] each."""
    work = persons.work[residents]
    employed = per_age(persons, residents[work > UNEMPLOYED])
    own = per_age(persons, residents[work == SELF_EMPLOYED])
    regular = per_age(persons, residents[work == REGULAR])
    return _share(own, employed), _share(regular, employed - own)


def _share(part: Array, whole: Array) -> Array:
    """A share by age, both counts summed over neighbouring ages; where nobody is, that of the nearest age."""
    share = smooth(part, 0, _WIDTH) / np.maximum(smooth(whole, 0, _WIDTH), _LEAST)
    known = smooth(whole, 0, _WIDTH) > _LEAST
    ages = np.arange(AGES)
    return np.stack([np.interp(ages, ages[k], s[k]) if k.any() else s for s, k in zip(share, known, strict=True)])


def _next(values: Array) -> Array:
    """The values one year of age later; the oldest keep theirs."""
    return np.concatenate([values[:, 1:], values[:, -1:]], axis=1)


def kinds_base(shape: Shape, employed: Array, own: Array, regular: Array, lose: Array, hires: Array) -> Kinds:
    """Transitions that carry the founded shares from age to age, given leaving work and hires per resident.

    Non-regular workers leave sooner than regular ones, the self-employed later. Self-employment grows with age by
    those who start or take over; a share of it (`succession`) is in fact taken over. Who becomes regular is assumed;
    who becomes non-regular is what the profile then needs (at 60 most are re-hired so).
    """
    part = (1 - own) * (1 - regular)
    steady = (1 - own) * regular
    risks = np.array([shape["leaves_nonregular"], 1.0, shape["leaves_self_employed"]])
    mean = risks[0] * part + risks[1] * steady + risks[2] * own
    lost = np.minimum(risks[:, None, None] * (lose / np.maximum(mean, _LEAST))[None], 0.95)
    self_employed, starts = _own_business(shape["succession"], employed, own, lost[2], hires)
    upward = np.repeat(np.array([[shape["to_regular_men"]], [shape["to_regular_women"]]]), AGES, axis=1)
    stays = employed * (1 - starts)
    of_regular, of_part = stays * steady * (1 - lost[1]), stays * part * (1 - lost[0])
    aim = _next(employed * steady)
    surplus = of_regular + upward * of_part + hires * (1 - self_employed) * regular - aim
    downward = np.clip(surplus / np.maximum(of_regular, _LEAST), 0.0, _MOST)
    upward += np.clip(-surplus / np.maximum(of_part, _LEAST), 0.0, _MOST)
    return Kinds(lost, regular, self_employed, starts, np.minimum(upward, _MOST), downward)


def _own_business(succession: float, employed: Array, own: Array, lost: Array, hires: Array) -> tuple[Array, Array]:
    """(share of self-employment among hires, yearly starts of employees), float64[2, 101] each."""
    need = succession * np.maximum(_next(employed * own) - employed * own * (1 - lost), 0.0)
    share = np.minimum(need / np.maximum(hires, _LEAST), own)
    starts = (need - share * hires) / np.maximum(employed * (1 - own), _LEAST)
    return share, np.clip(starts, 0.0, _MOST)
