"""The page of the local what-if in a browser: every control asks, and what is shown is what was lived."""

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from seen_page import LOOKS, WIDTHS, barriers, chromium, draws_japanese, injected, is_wider_than_its_window, seen
from served_town import small_bench

from machi.serving.bench import Bench
from machi.serving.door import Door
from machi.serving.page import page_of
from machi.serving.worker import Worker

MARKUP = "<script>window.taken = 'name'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def door(browser: Any, served: Bench, worker: Worker) -> Iterator[Door]:
    with Door(0) as made:
        made.furnish(served, page_of(served), worker)
        threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
        yield made
        made.shutdown()


def answered(page: Any, lang: str = "ja") -> Any:
    """The section of a language once the newest question is answered."""
    page.wait_for_selector(f"#{lang} .answer[aria-busy=false]", state="attached")
    return page.locator(f"#{lang} main")


def gained(served: Bench, strengths: dict[str, float], seeds: range, year: int) -> float:
    """The mean paired difference in population."""
    arms = [served.paths(one).array for one in (strengths, {})]
    lived = [[served.lived(0.1, arm, seed).population for arm in arms] for seed in seeds]
    return float(np.mean([one[year - 2015] - other[year - 2015] for one, other in lived]))


@pytest.mark.parametrize(("lang", "scheme", "width"), LOOKS)
def test_nobody_is_kept_out(browser: Any, door: Door, lang: str, scheme: str, width: int) -> None:
    with seen(browser, scheme, width) as window:
        page = window.open(door.address, f"#{lang}")
        answered(page, lang).locator("[data-every='1']").click()
        answered(page, lang).locator("summary").click()
        assert barriers(page) == []
        for other in WIDTHS:
            page.set_viewport_size({"width": other, "height": 900})
            assert not is_wider_than_its_window(page)
        assert window.faults == [] and window.requests == []


def test_every_control_is_used(browser: Any, door: Door, served: Bench) -> None:
    with seen(browser) as window:
        page = window.open(door.address)
        section = answered(page)
        assert page.title() == "いわき市 施策の強さを変えて試算する" and page.locator("#en").is_hidden()
        assert section.locator(".headline").inner_text().startswith("どの施策も行わない場合")
        sliders = section.locator("[data-strength]")
        assert sliders.count() == 12

        def people() -> float:
            return float(answered(page).locator("[data-figure=people]").get_attribute("data-value"))

        for place in range(12):
            sliders.nth(place).focus()
            page.keyboard.press("ArrowRight")
            assert sliders.nth(place).input_value() == "0.05"
        section.locator("[data-every='0']").click()
        assert people() == 0
        sliders.nth(2).fill("1")
        section.locator("[data-choice=seeds]").select_option("2")
        section.locator("[data-choice=first_seed]").fill("5")
        page.wait_for_timeout(400)  # a number that is being typed rests before it asks
        assert people() == pytest.approx(gained(served, {"P03": 1.0}, range(5, 7), 2023))
        assert "乱数2通り" in section.locator(".headline").inner_text()
        section.locator("[data-choice=year]").focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(400)
        assert people() == pytest.approx(gained(served, {"P03": 1.0}, range(5, 7), 2022))
        assert section.locator(".what-if-line polyline.one").count() == 2
        assert section.locator(".what-if-line .band").count() == 1
        section.locator("[data-choice=people]").select_option("whole")
        section.locator("[data-choice=seeds]").select_option("1")
        answered(page)
        assert "乱数1通りだけの計算です" in section.locator(".sketch").inner_text()
        assert section.locator(".what-if-line .band").count() == 0
        section.locator("[data-every='1']").click()
        answered(page).locator("summary").click()
        section.locator("tbody th").last.wait_for(state="visible")
        assert [one.inner_text() for one in section.locator("tbody th").all()] == ["2015", "2020", "2023"]
        page.locator("#ja nav a").click()
        english = answered(page, "en")
        assert english.locator(".headline").inner_text().startswith("all (12): ")
        assert english.locator("[data-choice=year] + output").inner_text() == "2022"
        assert window.faults == [] and window.requests == []


def test_a_slider_that_is_dragged_asks_once_it_rests(browser: Any, door: Door, worker: Worker) -> None:
    with seen(browser) as window:
        page = window.open(door.address)
        answered(page)
        before = worker.state().number
        page.locator("#ja [data-strength]").nth(3).focus()
        for _ in range(10):
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)
        assert answered(page).locator(".headline").inner_text().startswith("P04 (0.5)：")
        assert before < worker.state().number <= before + 3


def test_a_newer_window_is_told_of_in_the_older(browser: Any, door: Door) -> None:
    with seen(browser) as older, seen(browser) as newer:
        page = older.open(door.address)
        section = answered(page)
        section.locator("[data-choice=seeds]").select_option("8")
        section.locator("[data-choice=first_seed]").fill("900")
        page.wait_for_timeout(250)
        answered(newer.open(door.address))
        status = answered(page).locator(".status-line").inner_text()
        assert "別の画面" in status or "計算が終わりました" in status  # a fast machine may have been done before


def test_the_policy_stops_what_is_not_the_pages_own(browser: Any, small: Any, door: Door, worker: Worker) -> None:
    hostile = small_bench(small, name_ja=MARKUP, name_en=MARKUP)
    door.furnish(hostile, page_of(hostile), worker)
    with seen(browser) as window:
        page = window.open(door.address)
        answered(page)
        assert MARKUP in page.locator("#ja .slider").first.inner_text()
        assert page.evaluate("window.taken") is None and window.faults == []
        assert injected(page) == (None, "stopped")
        assert window.requests == [] and all("Content Security Policy" in one for one in window.faults)


def test_a_program_that_has_ended_is_told(browser: Any, door: Door) -> None:
    with seen(browser) as window:
        page = window.open(door.address)
        section = answered(page)
        page.route("**/question", lambda route: route.abort("connectionrefused"))
        section.locator("[data-every='1']").click()
        page.locator("#ja .status-line", has_text="プログラムが終了しています").wait_for()


def test_japanese_is_drawn(browser: Any, door: Door) -> None:
    with seen(browser) as window:
        page = window.open(door.address)
        assert "政策パッケージの強さ" in answered(page).inner_text()
        if not draws_japanese(page):
            pytest.skip("no Japanese font on this machine: its browser draws boxes (apt-get install fonts-ipafont)")
