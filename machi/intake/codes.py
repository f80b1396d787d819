"""Municipal codes: five digits, or six with the check digit that the Ministry of Internal Affairs adds."""

import re
from collections.abc import Iterable

from abm.errors import InputError

WEIGHTS = (6, 5, 4, 3, 2)
DIGITS = re.compile(r"R?([0-9]{4,6})(?:[_ ].*)?")


def check_digit(code: str) -> str:
    """The sixth digit of a five-digit code (modulus 11, last digit of the complement)."""
    weighted = sum(int(digit) * weight for digit, weight in zip(code, WEIGHTS, strict=True))
    return str((11 - weighted % 11) % 10)


def municipal_code(text: str) -> str:
    """A five-digit code from what a user writes: five digits, or six with the right check digit (InputError)."""
    if re.fullmatch(r"[0-9]{5}", text):
        return text
    if re.fullmatch(r"[0-9]{6}", text):
        if check_digit(text[:5]) == text[5]:
            return text[:5]
        raise InputError(f"--code: {text} has a wrong check digit; write the five digits of the municipality.")
    raise InputError(f"--code: {text!r} is no municipal code; write five digits such as 07204.")


def rows_with_code(cells: Iterable[str], code: str) -> list[int]:
    """The places in a column of codes where the municipality stands.

    The column may hold five or six digits, `R` in front, a name behind, and may have lost leading zeros.
    """
    found = [DIGITS.fullmatch(cell) for cell in cells]
    width = max((len(match[1]) for match in found if match), default=0)
    wanted = code if width <= 5 else code + check_digit(code)
    return [k for k, match in enumerate(found) if match and match[1].zfill(len(wanted)) == wanted]
