"""The report in a browser: every control works by hand and by keyboard, nothing leaves it, nobody is kept out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from seen_page import (
    LOOKS,
    WIDTHS,
    barriers,
    chromium,
    draws_japanese,
    injected,
    is_wider_than_its_window,
    page_file,
    seen,
)
from synthetic_portfolios import made_up_table, places_with
from synthetic_result import PACKAGES, write_result

from machi.portfolio_table.file import COST
from machi.report import write_report

MARKUP = "<script>window.taken = 'name'</script><img src=x onerror=\"window.taken = 'name'\">"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the made-up result with the chooser, drawn whole."""
    folder = tmp_path_factory.mktemp("seen")
    return write_report(write_result(folder / "result"), places=places_with(folder, made_up_table())).as_uri()


@pytest.mark.parametrize(("lang", "scheme", "width"), LOOKS)
def test_nobody_is_kept_out(browser: Any, address: str, lang: str, scheme: str, width: int) -> None:
    with seen(browser, scheme, width) as window:
        page = window.open(address, f"#{lang}")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert barriers(page) == []
        for other in WIDTHS:
            page.set_viewport_size({"width": other, "height": 900})
            assert not is_wider_than_its_window(page)
        assert window.faults == [] and window.requests == []


def test_every_control_is_used(browser: Any, address: str) -> None:
    table = made_up_table()
    with seen(browser) as window:
        page = window.open(address)
        assert page.title() == "いわき市 政策パッケージの効果" and page.locator("#en").is_hidden()
        section = page.locator("#ja .chooser")
        boxes = section.locator("input[type=checkbox]")

        def people() -> float:
            return float(section.locator("[data-figure=people]").get_attribute("data-value"))

        assert boxes.count() == len(PACKAGES) and people() == table.columns["population_2060"][-1]
        section.locator("[data-ticks=none]").click()
        assert people() == 0
        mask = 0
        for bit in range(boxes.count()):
            boxes.nth(bit).check()
            mask |= 1 << bit
            assert people() == table.columns["population_2060"][mask]
        boxes.nth(0).focus()
        page.keyboard.press("Space")
        assert people() == table.columns["population_2060"][mask ^ 1]
        section.locator("[data-ticks=all]").click()
        slider = section.locator("input[type=range]")
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        assert section.locator("output").inner_text() == "2045" and people() == table.columns["population_2045"][mask]
        assert float(section.locator("[data-figure=cost]").get_attribute("data-value")) == np.rint(
            table.columns[COST][mask]
        )
        for summary in page.locator("#ja summary").all():
            summary.click()
        assert page.locator("#ja details[open]").count() == page.locator("#ja details").count() > 0
        page.locator("#ja nav a").click()
        assert page.locator("#ja").is_hidden() and page.locator("#en").is_visible()
        assert page.locator("html").get_attribute("lang") == "en" and page.title().startswith("Iwaki")
        assert page.locator("#en .chooser output").inner_text() == "2045"
        page.locator("#en nav a").click()
        assert page.locator("#ja").is_visible() and window.faults == [] and window.requests == []


def test_the_keyboard_reaches_every_control(browser: Any, address: str) -> None:
    with seen(browser) as window:
        page = window.open(address, "#ja")
        wanted = page.locator("#ja :is(a, button, input, summary, [tabindex='0'])").count()
        reached = set()
        for _ in range(wanted + 5):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    "Array.from(document.querySelectorAll(\"#ja :is(a, button, input, summary, [tabindex='0'])\"))"
                    ".indexOf(document.activeElement)"
                )
            )
        assert set(range(wanted)) <= reached


def test_the_policy_stops_what_is_not_the_pages_own(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("machi.report.figures.draw_all", lambda *_: {})  # for speed
    places = places_with(tmp_path, made_up_table(3))
    result = write_result(tmp_path / "result", name_en=MARKUP)
    text = write_report(result, places=places).read_text(encoding="utf-8")
    with seen(browser) as window:
        page = window.open(page_file(tmp_path, text), "#en")
        assert page.locator("#en .chooser-ticks").inner_text().count("<script>window.taken") == 1
        assert page.evaluate("window.taken") is None and window.faults == []
        assert injected(page) == (None, "stopped")
        assert window.requests == [] and all("Content Security Policy" in one for one in window.faults)
    loose = text.replace("<h1>", f"{MARKUP}<h1>")  # as if escaping had failed
    with seen(browser) as window:
        page = window.open(page_file(tmp_path, loose), "#en")
        page.wait_for_timeout(100)
        assert page.evaluate("window.taken") is None and window.requests == []
        assert any("Content Security Policy" in one for one in window.faults)


def test_what_is_laid_out_late_on_a_screen_stands_whole_on_paper(browser: Any, address: str) -> None:
    late = "Array.from(new Set(Array.from(document.querySelectorAll('figure > div, .scroll, details')"
    late += ", one => getComputedStyle(one).contentVisibility)))"
    with seen(browser) as window:
        page = window.open(address, "#ja")
        assert page.evaluate(late) == ["auto"]
        assert page.evaluate("window.find('P11 稼げる農林水産業PJ', false, true)")
        page.emulate_media(media="print")
        assert page.evaluate(late) == ["visible"]
        assert page.locator("#ja [data-table=precision] td").last.bounding_box()["height"] > 0


def test_japanese_is_drawn(browser: Any, address: str) -> None:
    with seen(browser) as window:
        page = window.open(address)
        assert "政策パッケージ" in page.locator("#ja").inner_text()
        if not draws_japanese(page):
            pytest.skip("no Japanese font on this machine: its browser draws boxes (apt-get install fonts-ipafont)")
