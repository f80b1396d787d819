"""`python -m benchmarks [NAME ...]`: one table a measurement; without names, all of them."""

import sys
from pathlib import Path

from benchmarks import (
    calibration,
    chance,
    endurance,
    fuzz,
    interaction,
    jobs,
    matchmaking,
    pairing,
    plain_speed,
    scaling,
    speed,
    stream,
    twin,
)
from benchmarks.town import Iwaki

MEASUREMENTS = {
    "speed": speed,
    "scaling": scaling,
    "plain_mesa": plain_speed,
    "pairing": pairing,
    "jobs": jobs,
    "matchmaking": matchmaking,
    "twin": twin,
    "stream": stream,
    "endurance": endurance,
    "calibration": calibration,
    "fuzz": fuzz,
    "interaction": interaction,
    "chance": chance,
}


def main() -> int:
    """Run the named measurements and print a table each."""
    names = sys.argv[1:] or list(MEASUREMENTS)
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"benchmarks: {unknown[0]} is unknown; choose from {', '.join(MEASUREMENTS)}.", file=sys.stderr)
        return 2
    iwaki = Iwaki(Path(__file__).parent.parent / "towns")
    for name in names:
        print(f"\n{name}: {(MEASUREMENTS[name].__doc__ or '').splitlines()[0]}")
        for label, value in MEASUREMENTS[name].measure(iwaki):
            print(f"  {label:<72} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
