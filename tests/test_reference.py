"""Results change only where somebody says so."""

from conftest import Small
from reference_town import FILE, figures


def test_the_small_town_lives_as_it_did(small: Small) -> None:
    """To the last person, on every Python and platform; the reference and its update are in `reference_town.py`."""
    kept = FILE.read_text(encoding="utf-8").splitlines()
    lived = figures(small).splitlines()
    differing = [(old, new) for old, new in zip(kept, lived, strict=True) if old != new]
    assert not differing, f"{len(differing)} figures changed, first {differing[0]}: intended? see reference_town.py"
