"""Small pictures in SVG with real text: axes, lines, bands, bars and intervals; colours come from the style sheet."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from markupsafe import Markup

WIDTH, HEIGHT = 400, 250  # units of a picture; one is about a pixel on a telephone
LEFT, RIGHT, TOP, BOTTOM = 60, 384, 14, 218
TICKS = 5  # about so many on an axis
STEPS = (1, 2, 5, 10)
MARGIN = 0.05  # of the range, above and below

Form = Callable[[float], str]


class Span(NamedTuple):
    """An axis from low to high, how its ticks read, and what it counts."""

    low: float
    high: float
    form: Form
    title: str = ""


class Drawn(NamedTuple):
    """A picture as it stands in the page, with a heading of its own where it is one of several."""

    heading: str
    svg: Markup


def span(values: Sequence[float], form: Form, title: str = "", zero: bool = True) -> Span:
    """An axis that holds all finite values with a margin, and the zero where wanted."""
    found = [value for value in values if math.isfinite(value)] + ([0.0] if zero else [])
    low, high = min(found, default=0.0), max(found, default=1.0)
    room = (high - low) * MARGIN or 1.0
    return Span(low - room if low < 0 or not zero else low, high + room if high > 0 or not zero else high, form, title)


def round_ticks(low: float, high: float) -> list[float]:
    """Round figures that divide an interval into about so many steps."""
    rough = (high - low) / TICKS or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in STEPS if one * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [count * step for count in range(first, math.floor(high / step + 1e-9) + 1)]


class Picture:
    """One picture with its axes; x and y turn values into places."""

    def __init__(
        self,
        label: str,
        across: Span,
        up: Span | None = None,
        *,
        height: float = HEIGHT,
        left: float = LEFT,
        marks: Sequence[float] | None = None,
        ruled: bool = True,
    ) -> None:
        self.across, self.up, self.left = across, up, left
        self.bottom = height - (HEIGHT - BOTTOM)
        # A picture is read out by its label: what is drawn stands in a table as well.
        self.svg = Xml.Element("svg", {"viewBox": f"0 0 {WIDTH} {height:g}", "role": "img", "aria-label": label})
        for at in marks if marks is not None else round_ticks(across.low, across.high):
            if up is None and ruled:
                self.rule(self.x(at), "zero" if at == 0 else "grid")
            self.text(self.x(at), self.bottom + 16, across.form(at), "middle")
        if across.title:
            self.text(RIGHT, self.bottom + 30, across.title, "end")
        if up is not None:
            for at in round_ticks(up.low, up.high):
                kind = "zero" if at == 0 else "grid"
                self.add("line", kind, x1=left, x2=RIGHT, y1=self.y(at), y2=self.y(at))
                self.text(left - 5, self.y(at) + 4, up.form(at), "end")
            if up.title:
                self.text(left - 46, TOP - 3, up.title, "start")

    def x(self, value: float) -> float:
        """Where a value stands from the left."""
        share = (value - self.across.low) / ((self.across.high - self.across.low) or 1.0)
        return round(self.left + share * (RIGHT - self.left), 1)

    def y(self, value: float) -> float:
        """Where a value stands from above; without an upright axis it is a place already."""
        if self.up is None:
            return round(value, 1)
        share = (value - self.up.low) / ((self.up.high - self.up.low) or 1.0)
        return round(self.bottom - share * (self.bottom - TOP - 4), 1)

    def add(self, name: str, kind: str, **places: float | str) -> Xml.Element:
        """A shape of a kind that the style sheet colours."""
        attributes = {key: f"{place:g}" if isinstance(place, float | int) else place for key, place in places.items()}
        return Xml.SubElement(self.svg, name, {"class": kind, **attributes})

    def text(self, x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> None:
        """Words at a place; whatever they hold is text."""
        made = Xml.SubElement(self.svg, "text", {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor})
        if kind:
            made.set("class", kind)
        made.text = words

    def rule(self, x: float, kind: str) -> None:
        """An upright line."""
        self.add("line", kind, x1=x, x2=x, y1=TOP, y2=self.bottom)

    def line(self, xs: Sequence[float], ys: Sequence[float], kind: str) -> None:
        """A line through all points that are numbers."""
        self.add("polyline", kind, points=self._points(xs, ys))

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], kind: str) -> None:
        """An area between two lines; none where a bound is not known."""
        if all(math.isfinite(one) for one in (*low, *high)):
            back = self._points(list(xs)[::-1], list(high)[::-1])
            self.add("polygon", f"band {kind}", points=f"{self._points(xs, low)} {back}")

    def dot(self, x: float, y: float, kind: str, radius: float = 4.0) -> None:
        """A point, where it is a number."""
        if math.isfinite(x) and math.isfinite(y):
            self.add("circle", kind, cx=self.x(x), cy=self.y(y), r=radius)

    def reach(self, low: float, high: float, y: float, kind: str) -> None:
        """An interval lying on a height."""
        if math.isfinite(low) and math.isfinite(high):
            self.add("line", kind, x1=self.x(low), x2=self.x(high), y1=self.y(y), y2=self.y(y))

    def drawn(self, heading: str = "") -> Drawn:
        """The picture as it stands in the page."""
        return Drawn(heading, Markup(Xml.tostring(self.svg, encoding="unicode")))

    def _points(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        both = zip(xs, ys, strict=True)
        return " ".join(f"{self.x(x):g},{self.y(y):g}" for x, y in both if math.isfinite(y))


def swatch(kind: str, dotted: bool = False) -> Markup:
    """A short line, or a point, as it stands in the legend."""
    svg = Xml.Element("svg", {"viewBox": "0 0 34 10", "class": "swatch", "aria-hidden": "true"})
    if dotted:
        Xml.SubElement(svg, "circle", {"class": kind, "cx": "17", "cy": "5", "r": "4.5"})
    else:
        Xml.SubElement(svg, "polyline", {"class": kind, "points": "1,5 33,5"})
    return Markup(Xml.tostring(svg, encoding="unicode"))
