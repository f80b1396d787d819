"""The page tells what the ranking depends on, and what the agents are worth, in both languages."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_result import PACKAGES, seal, write_result

from abm.known.structure import structural_parameters
from abm.known.town import read_town
from machi.analysis.ablation import ablation
from machi.analysis.dependence import dependence
from machi.analysis.trees import plain
from machi.questions.design import AGENTS, NO_MARKET
from machi.report import write_report

ROOT = Path(__file__).resolve().parent.parent
DRAWS = 30
KEYS = [row[0] for row in PACKAGES]


def made_up(folder: Path, *, depends: bool = True, same: bool = True) -> Path:
    """A result folder with both tables, of made-up runs."""
    write_result(folder)
    rng = np.random.default_rng(3)
    parameters = structural_parameters(read_town(ROOT / "towns/iwaki", ROOT / "towns/japan"))[:8]
    values = rng.uniform(size=(len(parameters), DRAWS))
    rows = []
    for theta in range(DRAWS):
        for r in (1, 2):
            cell = {"design": "structure", "run_time": "sustained", "theta": theta, "replication": r}
            for k, key in enumerate(["none", *KEYS]):
                effect = 100.0 * k + (900.0 * values[0, theta] if depends and k == 1 else 0.0)
                rows.append({**cell, "arm": key, "population": 1e5 + effect + rng.normal() * (k > 0)})
    found = dependence(pd.DataFrame(rows), "sustained", KEYS, parameters, values, 1)
    found.table.to_csv(folder / "structure.csv", index=False)
    signs = {AGENTS: 1.0, NO_MARKET: 1.0 if same else -1.0}
    runs = [
        {"design": design, "arm": key, "replication": r, "population": 1e5 + 100.0 * k * signs[design]}
        for design in (AGENTS, NO_MARKET)
        for r in range(1, 4)
        for k, key in enumerate(["none", *KEYS])
    ]  # fmt: skip
    meta = [{"key": row[0], "name_ja": row[1], "name_en": row[2]} for row in PACKAGES]
    compared = ablation(pd.DataFrame(runs), meta, {key: 100.0 * (k + 1) for k, key in enumerate(KEYS)})
    compared.table.to_csv(folder / "ablation.csv", index=False)
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    asked = {"draws": DRAWS, "seeds": 2, "fraction": 0.05, "effects": "central"}
    content["notes"] |= {
        "structure": plain({**found.notes, **asked}),
        "ablation": plain({**compared.notes, "fraction": 0.1}),
    }
    seal(folder, content)
    return folder


def test_both_languages_have_the_same_words() -> None:
    words = tomllib.loads((ROOT / "machi/report/robustness.toml").read_text(encoding="utf-8"))
    assert words["ja"].keys() == words["en"].keys()


def test_the_page_tells_what_the_ranking_depends_on(tmp_path: Path) -> None:
    text = write_report(made_up(tmp_path / "result")).read_text(encoding="utf-8")
    assert text.count('data-table="structure"') == 2 and text.count('data-table="ablation"') == 2
    assert "the ranking depends on: " in text and "順位を動かすのは" in text
    assert "agents add explanation, not ranking" in text and "順位ではなく説明を加えます" in text
    first = structural_parameters(read_town(ROOT / "towns/iwaki", ROOT / "towns/japan"))[0]
    assert first.en in text and first.ja in text and "assumed" in text


def test_the_page_says_so_where_nothing_stands_out_or_order_changes(tmp_path: Path) -> None:
    text = write_report(made_up(tmp_path / "result", depends=False, same=False)).read_text(encoding="utf-8")
    assert "No parameter moves the ranking" in text and "見つかりませんでした" in text
    assert "the ranking depends on the agents" in text and "順位は住民のモデルに左右されます" in text


def test_a_result_without_them_has_neither(tmp_path: Path) -> None:
    text = write_report(write_result(tmp_path / "result")).read_text(encoding="utf-8")
    assert 'data-table="structure"' not in text and 'data-table="ablation"' not in text


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_status_has_a_word(lang: str) -> None:
    from abm.known.behaviour import STATUSES

    words = tomllib.loads((ROOT / "machi/report/robustness.toml").read_text(encoding="utf-8"))[lang]
    assert set(STATUSES) <= words.keys()
