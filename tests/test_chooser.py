"""The chooser of portfolios: the page shows the stored table's figures, and never those of a stale one."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_portfolios import RATE, made_up_table, places_with
from synthetic_result import PACKAGES, seal, write_result
from test_report import Page

from abm.errors import InputError
from machi.portfolio_table.file import COST, PortfolioTable
from machi.portfolio_table.spread import half_apart
from machi.report import write_report
from machi.report.chooser import encoded
from machi.report.numerals import tens
from machi.store import read_manifest

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium: the page's script is not carried out here")


def page_with(folder: Path, table: PortfolioTable | None, drawn: bool = False, **hostile: str) -> str:
    """The page of the made-up result beside a table, for speed without its figures unless `drawn`."""
    result, places = write_result(folder / "result", **hostile), places_with(folder, table)
    with pytest.MonkeyPatch.context() as patch:
        if not drawn:
            patch.setattr("machi.report.figures.draw_all", lambda *_: {})
        return write_report(result, places=places).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_with(tmp_path_factory.mktemp("whole"), made_up_table(), drawn=True)


def carried(text: str) -> tuple[dict[str, Any], np.ndarray]:
    """What a page carries: the description, and figures [columns, portfolios]."""
    found = next(one for _, one in Page(text).elements if one.get("id") == "portfolios")
    described = json.loads(found["data-table"])
    values = np.frombuffer(base64.b64decode(found["data-values"]), dtype="<i4")
    return described, values.reshape(len(described["columns"]), -1)


def test_every_figure_on_the_page_is_the_tables(text: str) -> None:
    table = made_up_table()
    described, values = carried(text)
    assert set(described["columns"]) == set(table.columns) and values.shape == (len(table.columns), 4096)
    for name, row in zip(described["columns"], values, strict=True):
        assert np.array_equal(row, np.rint(table.columns[name]))
    half = dict(zip(described["columns"], described["half"], strict=True))
    assert half["population_2060"] == pytest.approx(1.645 * RATE**0.5, rel=1e-3) and half[COST] is None
    assert described["least"] == RATE
    assert described["gap"] == 47_000 and described["packages"] == [row[0] for row in PACKAGES]
    cost, people = table.columns[COST], table.columns["population_2060"]
    for mask in described["front"]:
        assert not ((cost <= cost[mask]) & (people > people[mask])).any()


@settings(deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=20))
def test_figures_survive_their_encoding(values: list[int]) -> None:
    assert np.frombuffer(base64.b64decode(encoded([values, values])), "<i4").tolist() == values * 2


def test_the_page_stays_small_and_allows_nothing_but_its_own(text: str) -> None:
    assert len(text.encode()) < 2_000_000 and "://" not in text
    described, values = carried(text)
    assert len(json.dumps(described)) + values.nbytes * 4 / 3 < 400_000
    page = Page(text)
    policy = next(one["content"] for _, one in page.elements if "http-equiv" in one)
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    for kind in ("style", "script"):
        (inline,) = page.inline[kind]
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not any(name == "style" or name.startswith("on") for _, one in page.elements for name in one)


def test_controls_have_labels_and_figures_are_announced(text: str) -> None:
    page = Page(text)
    boxes = [one for tag, one in page.elements if tag == "input" and one["type"] == "checkbox"]
    sliders = [one for tag, one in page.elements if tag == "input" and one["type"] == "range"]
    labels = {one["for"] for tag, one in page.elements if tag == "label" and "for" in one}
    assert len(boxes) == 24 and len(sliders) == 2 and labels == {one["id"] for one in sliders}
    assert len(re.findall(r"<label><input type=\"checkbox\"", text)) == 24
    assert sum(one.get("aria-live") == "polite" for _, one in page.elements) == 2
    assert sum(tag == "legend" for tag, _ in page.elements) == 2
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(ids) == len(set(ids))
    for part in ("JavaScriptを有効に", "allow this page&#39;s JavaScript"):  # shown until the script hides it
        assert part in text


@pytest.mark.parametrize("changed", [{"code": "0"}, {"run_time": "plan"}, {"end": 2050}])
def test_a_stale_table_is_told_and_not_shown(tmp_path: Path, changed: dict[str, Any]) -> None:
    text = page_with(tmp_path, made_up_table(**changed))
    assert "is stale and not shown" in text and "古いものなので、表示していません" in text
    assert "data-values" not in text and "checkbox" not in text and text.count("<script>") == 1


def test_without_a_table_there_is_no_section(tmp_path: Path) -> None:
    text = page_with(tmp_path, None)
    assert "施策の組み合わせを選ぶ" not in text and "chooser" not in text


def test_a_table_without_repeated_runs_claims_no_range(tmp_path: Path) -> None:
    bare = made_up_table(4, seeds=(1, 2))
    text = page_with(tmp_path, made_up_table(4, seeds=(1, 2), chance=dict.fromkeys(bare.header.chance)))
    assert set(carried(text)[0]["half"]) == {None} and "no repeated runs" in text
    assert "These ranges are of chance only" not in text


def test_a_damaged_table_is_named_in_one_sentence(tmp_path: Path) -> None:
    places = places_with(tmp_path, made_up_table(3))
    path = places.own_portfolio_table("iwaki")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"portfolios\.parquet") as caught:
        write_report(write_result(tmp_path / "result"), places=places)
    assert "\n" not in str(caught.value)


def test_names_from_data_are_escaped_in_the_chooser(tmp_path: Path) -> None:
    text = page_with(tmp_path, made_up_table(3), name_en="<script>alert('$1')</script>")
    section = text.split('<article id="en"')[1].split("<fieldset>")[1].split("</fieldset>")[0]
    assert "&lt;script&gt;alert" in section and "<script>alert" not in text


# In a browser


def dumped(page: Path, fragment: str) -> str:
    """The page as Chromium leaves it after its script; no network is there to be used."""
    assert BROWSER is not None
    profile = page.parent / "profile"
    line = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={profile}",
        "--virtual-time-budget=5000",
    ]
    ended = subprocess.run(
        [*line, "--dump-dom", page.as_uri() + fragment], capture_output=True, timeout=120, check=True
    )
    return ended.stdout.decode("utf-8")


def shown(text: str, lang: str) -> dict[str, tuple[float, str]]:
    """Figures of one language by key: exact value and text."""
    part = text.split(f'<article id="{lang}"')[1]
    cells = re.findall(r'<dd data-figure="(\w+)" data-value="([^"]*)">(.*?)</dd>', part)
    return {key: (float(value or "nan"), re.sub("<.*", "", words)) for key, value, words in cells}


@needs_browser
def test_an_address_ticks_beforehand_and_the_policy_stops_other_scripts(tmp_path: Path) -> None:
    table = made_up_table()
    injected = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    page = tmp_path / "page.html"
    page.write_text(page_with(tmp_path, table).replace("<h1>", f"{injected}<h1>"), encoding="utf-8")
    text = dumped(page, "#en&portfolio=P03+P06&year=2040")
    mask = 1 << 2 | 1 << 5
    for lang in ("ja", "en"):
        found = shown(text, lang)
        assert found["people"][0] == table.columns["population_2040"][mask]
        assert found["births"][0] == table.columns["births"][mask]
        assert found["cost"][0] == table.columns[COST][mask]
        assert found["share"][0] == pytest.approx(table.columns["population_2060"][mask] / 47_000)
        assert tens(found["people"][0]) in found["people"][1]
        half = half_apart(table, "population_2040", mask)
        ends = [tens(found["people"][0] + side * half) for side in (-1, 1)]
        assert {"ja": "～", "en": " to "}[lang].join(ends) in unescape(text)
    assert "P03 + P06: " in unescape(text) and '<html lang="en"' in text
    assert "<title>taken" not in text


DRIVER = """<script>
document.addEventListener("DOMContentLoaded", function () {
  const section = document.querySelector("#ja .chooser"), boxes = Array.from(section.querySelectorAll("[data-bit]"));
  const slider = section.querySelector("[type=range]"), answers = [];
  section.querySelector("[data-ticks=none]").click();
  ASKED.forEach(function (one) {
    boxes.forEach(function (box, bit) { if (box.checked !== Boolean(one[0] >> bit & 1)) box.click(); });
    slider.value = one[1];
    slider.dispatchEvent(new Event("input"));
    const found = {};
    section.querySelectorAll("[data-figure]").forEach(function (cell) {
      found[cell.dataset.figure] = cell.dataset.value;
    });
    answers.push(found);
  });
  setTimeout(function () { document.title = "answers " + JSON.stringify([answers, location.hash]); }, 1000);
});
</script></head>"""


@needs_browser
def test_fifty_random_portfolios_ticked_by_hand_show_the_tables_figures(tmp_path: Path) -> None:
    table = made_up_table(seeds=(1, 2))  # means over seeds, which are not whole
    rng = np.random.default_rng(50)
    asked = [
        (int(mask), int(place)) for mask, place in zip(rng.integers(0, 4096, 50), rng.integers(0, 10, 50), strict=True)
    ]
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page_with(tmp_path, table))
    page = tmp_path / "driven.html"
    page.write_text(text.replace("</head>", DRIVER.replace("ASKED", json.dumps(asked))), encoding="utf-8")
    title = re.search(r"<title>answers (.*?)</title>", dumped(page, ""), re.DOTALL)
    assert title is not None
    answers, address = json.loads(unescape(title[1]))
    assert (
        address.endswith(f"&year={2015 + 5 * asked[-1][1]}")
        and len(answers) == 50
        and address.startswith("#ja&portfolio=P")
    )
    for (mask, place), figures in zip(asked, answers, strict=True):
        at_end = np.rint(table.columns["population_2060"][mask])
        assert float(figures["people"]) == np.rint(table.columns[f"population_{2015 + 5 * place}"][mask])
        for name in ("births", "moves_net", "marriages"):
            assert float(figures[name]) == np.rint(table.columns[name][mask])
        assert float(figures["cost"]) == np.rint(table.columns[COST][mask])
        if mask:
            assert float(figures["efficiency"]) == pytest.approx(100 * at_end / np.rint(table.columns[COST][mask]))


def test_a_result_that_does_not_tell_its_code_shows_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("machi.report.figures.draw_all", lambda *_: {})
    folder = write_result(tmp_path / "old")
    manifest = read_manifest(folder)
    seal(folder, {name: value for name, value in manifest.items() if name not in ("files", "simulator")})
    text = write_report(folder, places=places_with(tmp_path, made_up_table(3))).read_text(encoding="utf-8")
    assert "the simulating code than this result" in text and "data-values" not in text
