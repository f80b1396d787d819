"""What a run's result depends on, as one name: runs of the same name have the same bytes, whoever carries them out.

The name holds the code that simulates and the libraries beneath it, the people founded, the reference arm, the draw of
its rates, the levers by year and the seed, and neither the experiment that asks nor the place where it stands.
"""

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machi.runs.groundwork import FOUNDING_SEED, code_fingerprint
from machi.store import fingerprint, fingerprint_of

if TYPE_CHECKING:
    from abm.levels.doubted import Doubts
    from machi.runs.altered import Alteration, Alterations

# Files of this room that decide what a run leaves; what packages do is in the levers, the rest plans or tells.
DECIDING = ("run.py", "runkey.py", "outcomes.py", "altered.py")
DECIDING_LIBRARIES = ("numpy", "numba", "llvmlite", "scipy")


@cache
def simulating_code() -> str:
    """Sixteen hex digits of the sources that decide what a run leaves, whatever libraries are beneath them."""
    here = Path(__file__).parent
    return fingerprint_of([code_fingerprint(), fingerprint([here / name for name in DECIDING])])


@cache
def context() -> str:
    """Sixteen hex digits of the code and the libraries that decide a run's bytes, and of the kind of processor."""
    libraries = {name: version(name) for name in DECIDING_LIBRARIES}
    return fingerprint_of([simulating_code(), libraries, platform.machine()])


def name_of(parts: Iterable[bytes | str]) -> str:
    """The sha256 of parts of any lengths, in hex; where one ends matters."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def rates_name(doubts: "Doubts", k: int) -> str:
    """The name of draw k of uncertain rates, by its numbers."""
    return name_of([*(each[k].tobytes() for each in doubts.draws), doubts.moves.tobytes()])


def altered_name(alterations: "Alterations", which: "Alteration") -> str:
    """The name of an altered town: the data of the unaltered one, and the figures that are others."""
    figures: dict[str, Any] = dict(sorted(alterations.figures[which].items()))
    return name_of([alterations.data, alterations.basis, str(FOUNDING_SEED), json.dumps(figures)])
