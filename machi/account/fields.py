"""Two trees of a manifest, compared field by field."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "absent"})()
NAMED_BY = ("key", "name", "indicator")  # by what the records of a list are told apart, if all have it


class FieldChange(NamedTuple):
    """A field by its dotted name and its values in A and B; ABSENT where it does not stand."""

    where: str
    a: Any
    b: Any


def changes(a: Any, b: Any, where: str = "") -> list[FieldChange]:
    """Every field in which two trees differ, in the order of A and then of B.

    Lists of records are compared record by record under the name that each has, other lists as a whole.
    """
    if type(a) is type(b) and _equal(a, b):
        return []
    left, right = _fields(a), _fields(b)
    if left is None or right is None:
        return [] if _equal(a, b) else [FieldChange(where, a, b)]
    found = []
    for name in dict.fromkeys([*left, *right]):
        inner = f"{where}.{name}" if where else name
        found += changes(left.get(name, ABSENT), right.get(name, ABSENT), inner)
    return found


def _equal(a: Any, b: Any) -> bool:
    """Whether two values are the same, at any depth; 1 and 1.0 are, 1 and true are not."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_equal(one, other) for one, other in zip(a, b, strict=True))
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def _fields(value: Any) -> Mapping[str, Any] | None:
    """A table's fields, or a list's records by name; None for a leaf."""
    if isinstance(value, dict):
        return {str(key): inner for key, inner in value.items()}
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        for by in NAMED_BY:
            names = [str(one.get(by, "")) for one in value]
            if all(names) and len(set(names)) == len(names):
                return dict(zip(names, value, strict=True))
    return None


def chosen(manifest: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Some parts of a manifest, those that it has."""
    return {name: manifest[name] for name in names if name in manifest}
