"""10,000 files that a planner may edit, made of their schemas or changed in one place: all read or refused."""

import random
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.odd_files import changed, fuzzed, made_of
from benchmarks.town import Iwaki
from machi.forms import checked, kind_of, schema_of
from machi.places import find_places

ROOT = Path(__file__).resolve().parent.parent
FILES = 10_000
SAMPLES = ("policies/iwaki/P03.toml", "experiments/twelve_packages.toml", "towns/iwaki/scenarios/vision2.toml")


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """How many of each kind were refused; AssertionError where a refusal isn't one line that says where to look."""
    places = find_places(ROOT)
    each = FILES // (2 * len(SAMPLES)) + 1
    with tempfile.TemporaryDirectory() as folder:
        for name in SAMPLES:
            sample, file = ROOT / name, Path(folder) / name
            file.parent.mkdir(parents=True)
            kind = kind_of(sample)
            assert kind is not None and kind != "town"
            text = sample.read_text(encoding="utf-8")
            ways = {
                "made of the schema": partial(made_of, schema_of(kind)),
                "changed in one place": partial(changed, text),
            }
            for way, make in ways.items():
                texts = (make(random.Random(seed)) for seed in range(each))
                found = fuzzed(file, texts, partial(checked, places))
                yield f"{kind}, {way}", f"{found.refused:,} of {each:,} refused, {found.read:,} read"
