"""Figures in words: rounded to what they can carry, a true minus sign, and a dash where there is none."""

import math
from collections.abc import Callable
from typing import NamedTuple

DASH = "—"
Form = Callable[[float], str]


def _minus(text: str) -> str:
    return text.replace("-", "−")


def hundreds(value: float) -> str:
    """A total of people, rounded to hundreds."""
    return _rounded(value, 100, "")


def tens(value: float) -> str:
    """An effect in people, rounded to tens, with its sign."""
    return _rounded(value, 10, "+")


def plain_tens(value: float) -> str:
    """A number of people without a plus sign, rounded to tens."""
    return _rounded(value, 10, "")


def _rounded(value: float, unit: int, sign: str) -> str:
    if not math.isfinite(value):
        return DASH
    whole = round(value / unit) * unit
    return _minus(f"{whole:{sign},d}") if whole else "0"


def signed_hundreds(value: float) -> str:
    """A difference of totals, rounded to hundreds, with its sign."""
    return _rounded(value, 100, "+")


def two_digits(value: float) -> str:
    """A rough figure, to two significant digits."""
    if not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    digits = 1 - math.floor(math.log10(abs(value)))
    return _minus(f"{round(value, digits):,.{max(0, digits)}f}")


def two_decimals(value: float) -> str:
    """An index."""
    return decimals(value, 2)


def decimals(value: float, digits: int) -> str:
    """A figure with so many decimals; what rounds to nothing has no sign."""
    return _minus(f"{round(value, digits) + 0.0:.{digits}f}") if math.isfinite(value) else DASH


def signed_decimals(value: float, digits: int) -> str:
    """A difference with so many decimals and its sign; what rounds to nothing has none."""
    if not math.isfinite(value):
        return DASH
    return _minus(f"{value:+.{digits}f}") if round(value, digits) else f"{0:.{digits}f}"


class Speech(NamedTuple):
    """How one language joins figures."""

    between: str
    percent_sign: str

    def range(self, low: float, high: float, form: Form) -> str:
        """An interval, or a dash."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return DASH
        return f"{form(low)}{self.between}{form(high)}"

    def whole_percent(self, share: float) -> str:
        """A probability counted from few draws, in whole percent."""
        return f"{share * 100:.0f}{self.percent_sign}" if math.isfinite(share) else DASH

    def percent(self, share: float) -> str:
        """A share in whole percent; below 10 % with one decimal, so that little does not read as none."""
        if not math.isfinite(share):
            return DASH
        hundredths = share * 100
        # The bound is that of the decimals shown: 9.96 would read 10.0.
        text = f"{hundredths:.1f}" if abs(hundredths) < 9.95 and hundredths else f"{hundredths:.0f}"
        return _minus(text) + self.percent_sign
