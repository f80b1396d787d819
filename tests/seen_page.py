"""Pages as Debian's Chromium shows them, with everything written down that a page may not do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
WIDTHS = (1280, 390)  # a desk and a telephone, CSS pixels
DESK, TELEPHONE = WIDTHS
# Colours hang on the scheme and scrolling on the width, so that not every pair of them needs a look.
LOOKS = [("ja", "light", TELEPHONE), ("ja", "dark", DESK), ("en", "light", DESK), ("en", "dark", TELEPHONE)]
GRAVE = ("serious", "critical")  # of axe-core's four degrees
START_SECONDS = 120.0  # a loaded machine may take that long to bring a browser up; in milliseconds for Playwright
SECOND = 1000.0


def needed() -> None:
    """Skip, saying why, where pages cannot be looked at here."""
    pytest.importorskip("playwright", reason="no playwright: pages are not used in a browser here (tasks.py test)")
    pytest.importorskip("axe_playwright_python", reason="no axe-core: pages are not searched for barriers here")
    if BROWSER is None:
        pytest.skip("no chromium: pages are not used in a browser here (apt-get install chromium)")


@contextmanager
def chromium() -> Iterator[Any]:
    """Chromium from the system; Playwright brings none along."""
    needed()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, timeout=START_SECONDS * SECOND)
        try:
            yield browser
        finally:
            browser.close()


class Seen:
    """A page in a fresh window: `faults` are errors in its console, `requests` what went anywhere but to itself."""

    def __init__(self, browser: Any, scheme: str = "light", width: int = DESK) -> None:
        self.context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(START_SECONDS * SECOND)
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._home = ""
        self.page.on("console", lambda one: self.faults.append(one.text) if one.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda one: self.faults.append(str(one)))
        self.page.route("**/*", self._pass_or_stop)

    def open(self, address: str, fragment: str = "") -> Any:
        """Go to a page; what it asks for below its own address is let through, everything else stopped and noted."""
        self._home = address
        self.page.goto(address + fragment)
        return self.page

    def _pass_or_stop(self, route: Any) -> None:
        if route.request.url.partition("#")[0].startswith(self._home):
            route.continue_()
        else:
            self.requests.append(route.request.url)
            route.abort()

    def close(self) -> None:
        """Shut the window."""
        self.context.close()


@contextmanager
def seen(browser: Any, scheme: str = "light", width: int = DESK) -> Iterator[Seen]:
    """A window that is shut in the end."""
    window = Seen(browser, scheme, width)
    try:
        yield window
    finally:
        window.close()


def barriers(page: Any) -> list[str]:
    """What axe-core calls serious or critical: degree, rule and the first place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in GRAVE]


def is_wider_than_its_window(page: Any) -> bool:
    """Whether the page itself must be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def draws_japanese(page: Any) -> bool:
    """Whether two different characters look different: boxes (tofu) all look alike."""
    return bool(
        page.evaluate(
            """() => {
              const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
              pen.font = "40px " + getComputedStyle(document.body).fontFamily;
              const drawn = Array.from("町施策").map(one => {
                pen.clearRect(0, 0, 60, 60);
                pen.fillText(one, 5, 45);
                return pen.getImageData(0, 0, 60, 60).data.join();
              });
              return new Set(drawn).size === drawn.length;
            }"""
        )
    )


def injected(page: Any) -> Any:
    """Try to run a script, a handler and a request that are not the page's own; what came of them."""
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.taken = 'script'";
          document.body.append(script);
          const handler = 'onerror="window.taken = 1"';
          document.body.insertAdjacentHTML("beforeend", `<img alt="" src="data:,x" ${handler}>`);
        }"""
    )
    page.wait_for_timeout(100)
    sent = page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'stopped')")
    return page.evaluate("window.taken"), sent


def page_file(folder: Path, text: str) -> str:
    """The address of a page written to a file."""
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return path.as_uri()
