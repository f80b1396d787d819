"""What runs start from is kept between commands, made again when damaged, and refused when it cannot be."""

from pathlib import Path

import pytest

from abm.errors import InputError
from machi import groundwork
from machi.groundwork import kept, read_ground
from machi.places import Places, find_places

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path) -> int:
    """A kept number."""
    return int(path.read_text(encoding="utf-8"))


def save(number: int, path: Path) -> None:
    """Keep a number."""
    path.write_text(str(number), encoding="utf-8")


def test_what_is_kept_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "a.npz"
    assert kept(path, load, save, lambda: 1) == 1
    assert kept(path, load, save, lambda: 2) == 1
    assert list(path.parent.iterdir()) == [path]


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_text("no number", encoding="utf-8")
    assert kept(path, load, save, lambda: 3) == 3
    assert load(path) == 3


def test_where_nothing_can_be_kept_it_is_still_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert kept(tmp_path / "file" / "a.npz", load, save, lambda: 4) == 4


def test_an_interrupted_save_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(number: int, path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path / "a.npz", load, interrupted, lambda: 5)
    assert list(tmp_path.iterdir()) == []


def test_old_files_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groundwork, "KEPT_FILES", 3)
    for number in range(6):
        kept(tmp_path / f"{number}.npz", load, save, lambda: 0)
    assert len(list(tmp_path.iterdir())) == 3 and (tmp_path / "5.npz").exists()


def test_defaults_are_the_scenarios_and_the_newest_base() -> None:
    ground = read_ground(find_places(start=ROOT), "iwaki", "baseline")
    assert (ground.basis, ground.start, ground.end) == ("census", 2015, 2060)


def test_names_of_kept_files_follow_the_data(tmp_path: Path) -> None:
    shipped = find_places(start=ROOT)
    town = tmp_path / "towns" / "iwaki"
    town.mkdir(parents=True)
    for file in (ROOT / "towns/iwaki").glob("*.*"):
        (town / file.name).write_bytes(file.read_bytes())
    places = Places(tmp_path, shipped.built_in)
    before = read_ground(places, "iwaki", "baseline")
    assert before.founding_path(0.1) != before.founding_path(0.2)
    assert before.reference_path() != read_ground(places, "iwaki", "baseline", end=2050).reference_path()
    with (town / "town.toml").open("a", encoding="utf-8") as file_:
        file_.write("# a word\n")
    after = read_ground(places, "iwaki", "baseline")
    assert before.founding_path(0.1) != after.founding_path(0.1)


@pytest.mark.parametrize(
    ("asked", "named"),
    [({"basis": "sensus"}, "basis"), ({"start": 2010}, "start"), ({"end": 2015}, "end")],
)
def test_what_cannot_be_is_refused(asked: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_ground(find_places(start=ROOT), "iwaki", "baseline", **asked)  # type: ignore[arg-type]
