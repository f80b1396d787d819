"""How long the page takes from a tick, a slider or a switch of language until it is drawn anew."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.town import Iwaki

PAGE = Path(__file__).parent.parent / "results" / "twelve_packages" / "report.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TIMES = 40
WANTED = 100  # milliseconds: below it an answer feels immediate

# Milliseconds from the visitor's doing to the second frame after it, which shows what came of it.
DRAWN = """async ([selector, number]) => {
  const found = document.querySelectorAll(selector), one = found[number % found.length];
  const began = performance.now();
  if (one.type === "range") {
    one.value = number % (Number(one.max) + 1);
    one.dispatchEvent(new Event("input", { bubbles: true }));
  } else one.click();
  document.body.offsetHeight;
  const worked = performance.now() - began;
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [worked, performance.now() - began];
}"""
DOINGS = {
    "tick a package": "#ja .chooser [data-bit]",
    "drag the year": "#ja .chooser [type=range]",
    "tick all or none": "#ja .chooser [data-ticks]",
    "switch the language": "nav a",
}


def measure(_: Iwaki) -> Iterator[tuple[str, str]]:
    """Each doing on the page of the twelve packages: script and layout, and until the frame is there."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None or find_spec("playwright") is None:
        yield "no chromium or no playwright here", "not measured"
        return
    if not PAGE.is_file():
        yield f"{PAGE.name} of the twelve packages is missing: `machi run twelve_packages` first", "not measured"
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser)
        page = started.new_page()
        page.goto(PAGE.as_uri())
        for doing, selector in DOINGS.items():
            yield doing, _taken(page, selector)
        started.close()


def _taken(page: Any, selector: str) -> str:
    if not page.locator(selector).count():
        return "not on this page (its table of portfolios is stale)"
    page.evaluate(DRAWN, [selector, 0])
    taken = np.array([page.evaluate(DRAWN, [selector, number]) for number in range(1, TIMES + 1)])
    (work, work_95), (drawn, drawn_95) = np.percentile(taken, [50, 95], axis=0).T
    kept = "within" if drawn_95 < WANTED else "over"
    return (
        f"script and layout {work:.1f} ms (95 %: {work_95:.1f}), drawn after {drawn:.0f} ms (95 %: {drawn_95:.0f}), "
        f"{kept} {WANTED} ms"
    )
