"""Names are looked up in the workspace first, then among the built-in ones; a path is a path."""

import re
from pathlib import Path

import pytest

from abm.errors import InputError
from machi.places import Places, find_places

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A workspace of one's own beside a built-in folder."""
    for root, town in (("mine", "kasama"), ("built", "kasama"), ("built", "iwaki")):
        folder = tmp_path / root / "towns" / town / "scenarios"
        folder.mkdir(parents=True)
        (folder.parent / "town.toml").touch()
    (tmp_path / "built/towns/iwaki/scenarios/baseline.toml").touch()
    (tmp_path / "built/towns/kasama/scenarios/baseline.toml").touch()
    (tmp_path / "mine/towns/kasama/scenarios/closed.toml").touch()
    for root in ("mine", "built"):
        (tmp_path / root / "experiments").mkdir()
    (tmp_path / "built/experiments/question.toml").touch()
    return Places(tmp_path / "mine", tmp_path / "built")


def test_the_workspace_comes_first(places: Places) -> None:
    assert places.town_dir("kasama") == places.workspace / "towns/kasama"
    assert places.town_dir("iwaki") == places.built_in / "towns/iwaki"
    assert set(places.towns()) == {"iwaki", "kasama"}


def test_a_town_of_ones_own_still_has_the_built_in_scenarios(places: Places) -> None:
    assert places.scenario_path("kasama", "closed").parent.parent == places.workspace / "towns/kasama"
    assert places.scenario_path("kasama", "baseline").parent.parent == places.built_in / "towns/kasama"


def test_a_path_is_a_path(places: Places) -> None:
    town = places.built_in / "towns/iwaki"
    assert places.town_dir(str(town)) == town
    file = places.built_in / "experiments/question.toml"
    assert places.experiment_path(str(file)) == places.experiment_path("question") == file


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda p: p.town_dir("iwake"), "iwaki"),
        (lambda p: p.scenario_path("iwaki", "base_line"), "baseline"),
        (lambda p: p.experiment_path("questoin"), "question"),
        (lambda p: p.town_dir("./nowhere"), "town.toml"),
        (lambda p: p.experiment_path("nowhere.toml"), "nowhere.toml"),
        (lambda p: p.package_dir("iwaki"), "policies/iwaki"),
        (lambda p: p.japan_dir(), "towns/japan"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(places: Places, ask, near: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=near):
        ask(places)


def test_the_workspace_is_the_nearest_folder_with_the_marker(tmp_path: Path) -> None:
    (tmp_path / "machi.toml").touch()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_places(start=deep).workspace == tmp_path.resolve()
    (deep / "machi.toml").touch()
    assert find_places(start=deep).workspace == deep.resolve()
    assert find_places(workspace=tmp_path, start=deep).workspace == tmp_path.resolve()
    with pytest.raises(InputError, match="--workspace"):
        find_places(workspace=tmp_path / "nowhere")


def test_the_shipped_data_are_found_from_anywhere(tmp_path: Path) -> None:
    places = find_places(start=tmp_path)
    assert places.town_dir("iwaki") == ROOT / "towns/iwaki"
    assert places.experiment_path("twelve_packages") == ROOT / "experiments/twelve_packages.toml"
    assert places.results_dir("twelve_packages").parent == places.results()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../secrets", "there is no file"),
        ("..", "there is no file"),
        ("/etc/nowhere", "there is no file"),
        ("C:\\nowhere", "there is no file"),
        ("two\nlines", "cannot be seen"),
        ("bell\x07", "cannot be seen"),
        ("nul\x00.toml", "cannot be seen"),
        ("\u202etxt", "cannot be seen"),
        ("x" * 101, "100 are the most"),
        ("x" * 4000 + ".toml", "100 are the most"),
        ("a/" * 4000 + "x.toml", "there is no file"),
        ("ｔｗｅｌｖｅ_packages", "write `twelve_packages`"),
        (".runs.toml", "starts with a dot"),
        ("what?", "name it otherwise"),
        ("", "there is no experiment"),
    ],
)
def test_a_name_that_is_none_is_one_sentence(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(InputError, match=re.escape(why)) as caught:
        find_places(None, tmp_path).experiment_path(name)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 9000


def test_a_name_may_be_japanese(tmp_path: Path) -> None:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "子育て支援.toml").touch()
    assert find_places(None, tmp_path).experiment_path("子育て支援").name == "子育て支援.toml"


def test_a_kept_table_of_portfolios_hides_no_packages(tmp_path: Path) -> None:
    places = find_places(None, tmp_path)
    built_in = places.package_dir("iwaki")
    (tmp_path / "policies" / "iwaki").mkdir(parents=True)
    places.own_portfolio_table("iwaki").touch()
    assert places.package_dir("iwaki") == built_in
    (tmp_path / "policies" / "iwaki" / "X1.toml").touch()
    assert places.package_dir("iwaki") == tmp_path / "policies" / "iwaki"
