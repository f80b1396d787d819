"""Which generator a process draws with: SplitMix64, or Philox 4x32-10 as the reference; read once, before compiling.

Compiled code, kept foundings and reference arms of one generator are never read by the other: the choice is part of
the code's fingerprint.
"""

import os
from functools import cache

from abm.errors import InputError

VARIABLE = "MACHI_STREAM"
GENERATORS = ("splitmix", "philox")  # the first is used where nothing is asked for


@cache
def generator() -> str:
    """The generator that MACHI_STREAM names, `splitmix` without it; InputError for another."""
    return _known(VARIABLE, os.environ.get(VARIABLE) or GENERATORS[0])


def choose(name: str) -> None:
    """Have this process, and those that it starts, draw with a generator; InputError where it is too late."""
    _known("--stream", name)
    if generator.cache_info().currsize and generator() != name:
        raise InputError(f"--stream: this process already draws with {generator()}; start another for {name}.")
    os.environ[VARIABLE] = name


def _known(where: str, name: str) -> str:
    if name not in GENERATORS:
        raise InputError(f"{where}: there is no stream `{name}`; write {' or '.join(GENERATORS)}.")
    return name
