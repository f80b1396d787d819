"""A small town's years, kept to the last person: `python tests/reference_town.py` writes them anew.

Whoever writes them anew has changed results, and says so in CHANGELOG.md.
"""

import csv
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = Path(__file__).parent / "reference" / "small_iwaki.csv"
INDICATORS = (
    "population", "away", "employed", "unemployed", "households", "births", "deaths", "marriages", "divorces",
    "moves_in", "moves_out", "returns",
)  # fmt: skip
SEEDS = (1, 2)

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from conftest import END, POLICY, START, Small  # noqa: E402  # its own folder's, once the root is known
from lived_town import levers  # noqa: E402

from abm.alignment import align  # noqa: E402
from abm.founding.found import found  # noqa: E402
from abm.known.scenario import read_scenario  # noqa: E402
from abm.known.town import read_town  # noqa: E402
from abm.simulation import simulate  # noqa: E402

ARMS = {"none": levers(END - START), "policy": POLICY}


def figures(small: Small) -> str:
    """Counts of simulated persons by arm, seed, indicator and year, as CSV."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("arm", "seed", "indicator", "year", "count"))
    for arm, array in ARMS.items():
        for seed in SEEDS:
            record = simulate(*small, array, seed)
            for indicator in INDICATORS:
                counts = getattr(record, indicator)
                for y, count in enumerate(counts.reshape(len(counts), -1).sum(axis=1)):
                    table.writerow((arm, seed, indicator, START + y, int(count)))
    return text.getvalue()


def main() -> None:
    """Write the file anew."""
    town = read_town(ROOT / "towns" / "iwaki", ROOT / "towns" / "japan")
    scenario = read_scenario(ROOT / "towns" / "iwaki" / "scenarios" / "baseline.toml")
    founding = found(town, "census", 0.02)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(figures(Small(founding, align(town, scenario, START, END, founding))), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
