"""What runs start from is kept between commands, made again when damaged, and refused when it cannot be."""

import os
from pathlib import Path

import pytest

from abm.errors import InputError
from machi.places import Places, find_places
from machi.runs import groundwork
from machi.runs.groundwork import kept, read_ground

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


def test_what_is_used_is_not_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groundwork, "KEPT_FILES", 2)
    for place, name in enumerate(("a", "b")):
        kept(tmp_path / f"{name}.npz", load, save, lambda: 0)
        os.utime(tmp_path / f"{name}.npz", (1000 + place, 1000 + place))
    kept(tmp_path / "a.npz", load, save, lambda: 0)
    kept(tmp_path / "c.npz", load, save, lambda: 0)
    assert {path.stem for path in tmp_path.iterdir()} == {"a", "c"}


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


def test_the_register_is_a_base_and_has_launches_in_the_past() -> None:
    """A launch in the past knows what was known when its stock came out; its people are kept under another name."""
    places = find_places(start=ROOT)
    newest = read_ground(places, "ninohe", "baseline", "register")
    assert (newest.start, newest.town.setting.area.stocks("register")[-1].day) == (2019, 2019.0)
    past = read_ground(places, "ninohe", "baseline", "register", 2017)
    stocks = past.town.setting.area.stocks("register")
    assert past.start == 2017 and stocks[-1].day == 2017.0
    flows = past.town.setting.area.flows["japanese"]
    assert all(flow.known_from <= stocks[-1].known_from for flow in flows) and flows[-1].end <= 2017
    assert past.founding_path(1.0) != newest.founding_path(1.0)
    assert past.founding(0.05).start == 2017


@pytest.mark.parametrize("start", [2014, 2015, 2016])
def test_a_launch_before_its_structure_was_known_is_refused(start: int) -> None:
    with pytest.raises(InputError, match=f"cannot be founded in {start}.*machi cohort"):
        read_ground(find_places(start=ROOT), "ninohe", "baseline", "register", start)


def test_an_estimated_scenario_uses_what_was_known_with_its_base() -> None:
    ground = read_ground(find_places(start=ROOT), "ninohe", "trend", "register")
    assert ground.town.setting.area.stocks("register")[-1].day == 2019.0
    known = ground.town.setting.area.stocks("register")[-1].known_from
    assert max(flow.known_from for flow in ground.town.setting.area.flows["japanese"]) <= known


@pytest.mark.parametrize(
    ("asked", "named"),
    [({"basis": "sensus"}, "basis"), ({"start": 2010}, "start"), ({"end": 2015}, "end")],
)
def test_what_cannot_be_is_refused(asked: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_ground(find_places(start=ROOT), "iwaki", "baseline", **asked)  # type: ignore[arg-type]
