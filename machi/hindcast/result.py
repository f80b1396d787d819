"""The folder of a hindcast: tables, pictures and a manifest, built aside and swapped in."""

import math
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from abm.compiled import source_fingerprint
from abm.errors import InputError
from abm.generator import generator
from machi.store import built_aside, fingerprint, fingerprint_of, read_manifest, write_manifest, write_table
from machi.words import LANGUAGES, room_words

from .figures import draw_all
from .inquiry import Inquiry
from .judging import Judged
from .tables import cells_table, coverage, fans_table, long_table, observed_table, summary
from .verdicts import Verdict, agents_gain, verdicts

KIND = "hindcast"
LIBRARIES = ("machi", "numpy", "numba", "scipy", "pandas")


class Findings(NamedTuple):
    """The tables of a hindcast and what they say."""

    long: pd.DataFrame
    cells: pd.DataFrame
    fans: pd.DataFrame
    observed: pd.DataFrame
    means: pd.DataFrame
    coverage: pd.DataFrame
    gain: pd.DataFrame
    verdicts: list[Verdict]
    reasons: list[str]

    @property
    def bases(self) -> list[str]:
        """The bases on which something was judged."""
        return list(dict.fromkeys(self.long["basis"]))


def findings(inquiry: Inquiry, judged: list[Judged]) -> Findings:
    """All tables of judged origins."""
    towns = inquiry.towns()
    long, cells = long_table(judged), cells_table(judged)
    means, covered = summary(long, towns), coverage(cells, long)
    bases = list(dict.fromkeys(long["basis"]))
    return Findings(
        long, cells, fans_table(judged),
        observed_table(inquiry.areas, bases, inquiry.question.nationality),
        means, covered, agents_gain(long), verdicts(means, covered, towns),
        [reason for one in judged for reason in one.reasons],
    )  # fmt: skip


def words_of(lang: str) -> dict[str, str]:
    """The words of the hindcasts in a language."""
    return room_words(__package__)[lang]


def names_of(inquiry: Inquiry, lang: str) -> dict[str, str]:
    """The areas' names by key, in the order of the inquiry."""
    return {
        one.key: area.name_ja if lang == "ja" else area.name_en
        for one, area in zip(inquiry.subjects, inquiry.areas, strict=True)
    }


def check_folder(folder: Path) -> None:
    """Raise InputError where a folder holds something else than a hindcast, which would be replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        kind = read_manifest(folder).get("kind") if folder.is_dir() else None
    except InputError:
        kind = None
    if kind != KIND:
        raise InputError(f"--out: {folder} holds other files, which would be replaced; name another folder.")


def write_result(
    folder: Path, inquiry: Inquiry, found: Findings, settings: Mapping[str, Any], seconds: Mapping[str, float]
) -> None:
    """Write tables, pictures and manifest; the folder takes its name when it is complete."""
    check_folder(folder)
    with built_aside(folder) as building:
        tables = {
            "hindcast": found.long, "cells": found.cells, "fans": found.fans, "observed": found.observed,
            "summary": found.means, "coverage": found.coverage, "gain": found.gain,
        }  # fmt: skip
        for name, table in tables.items():
            write_table(building, f"{name}.csv", table)
        pictures = building / "figures"
        pictures.mkdir()
        years = found.long[["area", "basis", "launch", "end", "years"]].drop_duplicates()
        draw_all(
            {"fans": found.fans, "observed": found.observed, "cells": found.cells.merge(years)},
            {lang: names_of(inquiry, lang) for lang in LANGUAGES},
            {lang: words_of(lang) for lang in LANGUAGES},
            pictures,
            found.bases,
        )
        write_manifest(building, {**manifest(inquiry, found, settings), "timings": dict(seconds)})


def manifest(inquiry: Inquiry, found: Findings, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked, of which data and code, and the verdicts."""
    question = inquiry.question
    japan = inquiry.subjects[0].japan
    fingerprints = {
        "towns": {one.key: fingerprint([one.folder]) for one in inquiry.subjects if one.folder is not None},
        "japan": fingerprint([japan]),
        "code": fingerprint_of([source_fingerprint(), fingerprint(sorted(Path(__file__).parent.glob("*.py")))]),
    }
    asked = {
        "areas": [one.key for one in inquiry.subjects],
        "bases": list(question.bases),
        "nationality": question.nationality,
        "launch": question.launch,
        "end": question.end,
        **settings,
    }
    return {
        "name": KIND,
        "kind": KIND,
        "title_ja": "過去の予測の検証",
        "title_en": "Hindcasts",
        "config": asked,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "stream": generator(),
        "fingerprint": fingerprint_of([asked, fingerprints]),
        "fingerprints": fingerprints,
        "origins": [
            {
                "area": one.subject.key,
                "basis": one.basis,
                "launch": one.year,
                "known_by": one.launch.known_from.isoformat(),
                "ends": [int(end.day) for end in one.ends],
            }
            for one in inquiry.origins
        ],
        "verdicts": [
            {**one._asdict(), "figures": {name: _sound(value) for name, value in one.figures.items()}}
            for one in found.verdicts
        ],
        "without_agents": found.reasons,
    }


def _sound(value: float) -> float | None:
    """A figure that JSON can hold: None for one that there is not."""
    return value if math.isfinite(value) else None
