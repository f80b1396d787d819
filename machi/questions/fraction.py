"""The 2^(12-4) fraction of all portfolios, of resolution VI: which portfolios it holds."""

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError

Integers = NDArray[np.int64]

# Generators of the 2^(12-4) fraction of resolution VI, found by searching all words of five letters and more: packages
# 9 to 12 are the products of these among the first eight. Every word of the defining relation has six letters or more,
# so that no main effect or pair is mixed up with another.
GENERATORS = (0b00011111, 0b01100111, 0b10101011, 0b11010101)
BASE = 8


def fraction_masks(packages: int) -> Integers:
    """The portfolios of the 2^(12-4) fraction, int64[256]; of up to eight packages all there are.

    With nine to eleven packages the fraction of twelve is used without the last columns, which keeps its resolution.
    """
    if packages <= BASE:
        return np.arange(1 << packages, dtype=np.int64)
    if packages > BASE + len(GENERATORS):
        raise InputError(f"packages: the fraction holds up to {BASE + len(GENERATORS)}, not {packages}; name fewer.")
    base = np.arange(1 << BASE, dtype=np.int64)
    masks = base.copy()
    for place, word in enumerate(GENERATORS[: packages - BASE]):
        odd = bits(base & word, BASE).sum(axis=1) % 2
        letters = bin(word).count("1")
        masks |= (odd ^ (letters + 1) % 2) << (BASE + place)  # the product of the letters' signs
    return masks


def bits(masks: Integers, n: int) -> Integers:
    """The masks as columns of 0 and 1, int64[len(masks), n]."""
    return masks[:, None] >> np.arange(n) & 1
