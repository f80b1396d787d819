"""Made-up tables of the appendix, written into a made-up result folder; they hold no finding."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from synthetic_result import seal

PERIODS = ((2015, 2019), (2020, 2029), (2030, 2059))
SECTORS = ("primary", "manufacturing", "construction", "ict", "trade", "health", "services")
STOCKS_AND_FLOWS = (
    "here", "out_commuters", "remote", "in_commuters", "vacancies", "slots", "hired", "left", "came", "went", "died",
)  # fmt: skip
# destination, names, status, shares of leavers (low, value, high) and of arrivals
PLACES = (
    ("prefecture", "福島県のほかの市町村", "rest of Fukushima", "prefecture", (0.47, 0.47, 0.47), (0.54, 0.54, 0.54)),
    ("centre", "仙台圏（宮城県）", "Sendai (Miyagi)", "assumed", (0.05, 0.11, 0.16), (0.05, 0.09, 0.14)),
    ("tokyo_area", "東京圏（1都3県）", "Tokyo area", "assumed", (0.18, 0.24, 0.29), (0.16, 0.21, 0.25)),
    (
        "elsewhere",
        "その他（国外を含む）",
        "elsewhere (abroad included)",
        "assumed",
        (0.13, 0.18, 0.24),
        (0.1, 0.16, 0.2),
    ),
)
MOVED = {"none": (8000.0, 7000.0), "all": (7900.0, 7100.0)}  # leavers and arrivals a year


def write_appendix(folder: Path) -> Path:
    """Add the appendix's tables to a result folder, seal it again and return it."""
    region().to_csv(folder / "region.csv", index=False, lineterminator="\n")
    behaviour().to_parquet(folder / "behaviour.parquet", index=False)
    people, ties = acquaintances()
    people.to_csv(folder / "acquainted_persons.csv", index=False, lineterminator="\n")
    ties.to_csv(folder / "acquaintances.csv", index=False, lineterminator="\n")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    seal(folder, {key: value for key, value in manifest.items() if key != "files"})
    return folder


def region() -> pd.DataFrame:
    rows = []
    for arm, moved in MOVED.items():
        for key, ja, en, status, *shares in PLACES:
            for direction, persons, (low, share, high) in zip(("leaving", "arriving"), moved, shares, strict=True):
                source, why = ("made up 2016-2018", "") if status == "prefecture" else ("Made up.", "作り物。")
                rows.append((arm, direction, key, ja, en, share, low, high, status, persons * share, persons * low,
                             persons * high, 6, "persons a year", source, why))  # fmt: skip
    names = ["arm", "direction", "destination", "name_ja", "name_en", "share", "share_low", "share_high", "status",
             "persons", "low", "high", "replications", "unit", "source", "why_ja"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def behaviour() -> pd.DataFrame:
    ages = np.arange(101)
    young = np.exp(-(((ages - 27) / 9.0) ** 2))
    scale = {"never_married": 900, "unmarried": 1000, "searchers": 120, "marriages": 80}
    scale |= {"leavers": 200, "returners": 40, "newcomers": 150}
    rows = []
    for k, (first, last) in enumerate(PERIODS):
        for item, most in scale.items():
            picture = "movers" if item in {"leavers", "returners", "newcomers"} else "market"
            for sex, more in (("M", 1.25), ("F", 1.0)):
                values = most * more * young * (1 - 0.2 * k)
                rows += [(picture, item, sex, age, "", first, last, value) for age, value in enumerate(values)]
        for place, item in enumerate(STOCKS_AND_FLOWS):
            rows += [("work", item, "", -1, sector, first, last, 100.0 * (place + s))
                     for s, sector in enumerate(SECTORS)]  # fmt: skip
    names = ["picture", "item", "sex", "age", "sector", "first", "last", "value"]
    return pd.DataFrame(rows, columns=names).assign(unit="persons", source="reference arm, one run at 1:1, seed 2")


def acquaintances() -> tuple[pd.DataFrame, pd.DataFrame]:
    names = ["person", "sex", "age", "centre", "acquaintances", "x", "y", "year"]
    people = [(k, "MF"[k % 2], 20 + k, k if k <= 2 else 0, 300 if k <= 2 else 0, k % 4, k // 4, 2020)
              for k in range(1, 13)]  # fmt: skip
    circles = ("work", "school", "neighbourhood", "long_tie")
    ties = [(1 + k % 2, other, circles[k % 4]) for k, other in enumerate(range(3, 13))]
    return pd.DataFrame(people, columns=names), pd.DataFrame(ties, columns=["one", "other", "circle"])
