"""Philox 4x32-10 (Salmon, Moraes, Dror & Shaw 2011): ten rounds over a counter of four 32-bit words under a key of two.

The reference against which the everyday generator is held: slower, of another construction, and published with
known answers. Words of 32 bits are kept in np.uint64, so that nothing overflows.
"""

import numpy as np

from abm.compiled import rule

ROUNDS = 10
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)  # multipliers
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)  # the key's steps
_LOW, _S32 = np.uint64(0xFFFFFFFF), np.uint64(32)

Block = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


@rule
def philox4x32(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> Block:  # fmt: skip
    """Four random 32-bit words of a counter (c0 to c3) under a key (k0, k1); every np.uint64 is below 2**32."""
    for _ in range(ROUNDS):
        one, other = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (other >> _S32) ^ c1 ^ k0, other & _LOW, (one >> _S32) ^ c3 ^ k1, one & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@rule
def philox_word(key: np.uint64, first: np.uint64, second: np.uint64) -> np.uint64:
    """64 random bits of the counter (first, second) under a 64-bit key: the first two words, the lower one first."""
    block = philox4x32(first & _LOW, first >> _S32, second & _LOW, second >> _S32, key & _LOW, key >> _S32)
    return block[0] | (block[1] << _S32)
