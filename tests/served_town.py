"""A small town on the bench of the what-if, for tests of it and of its page."""

import json
from pathlib import Path
from typing import Any

from machi.places import find_places
from machi.policy.package import read_packages
from machi.policy.priors import central
from machi.policy.shared import read_shared
from machi.runs.groundwork import read_ground
from machi.serving.bench import Bench

ROOT = Path(__file__).resolve().parent.parent
ASKED: dict[str, Any] = {"strengths": {"P03": 1.0}, "people": "tenth", "seeds": 2, "first_seed": 1, "year": 2023}


def small_bench(small: Any, **names: str) -> Bench:
    """Iwaki's twelve packages on the small town until 2023, whatever share is asked for; `names` of the first one."""
    places = find_places(start=ROOT)
    ground = read_ground(places, "iwaki", "baseline", end=2023)
    folder = places.package_dir("iwaki")
    first, *others = read_packages(folder)
    packages = (first.model_copy(update=names), *others)
    theta = central(packages, read_shared(folder.parent / "shared.toml"))
    titles = ("いわき市の試し", "A trial of Iwaki")
    return Bench(ground, packages, theta, "sustained", lambda _: small.founding, small.reference, titles)


def small_result(folder: Path) -> Path:
    """The manifest of a short experiment on Ninohe, with no tables."""
    folder.mkdir(parents=True)
    manifest = {
        "name": "short", "title_ja": "試し", "title_en": "A trial", "town": {"key": "ninohe"}, "scenario": "baseline",
        "basis": "census", "start": 2015, "end": 2017, "config": {"packages": ["N1", "N2"], "run_time": "plan"},
        "files": {},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
