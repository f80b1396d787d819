"""Results side by side: differences paired by seed where seeds pair, ranks, and what may not be compared."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import command
from compared_results import FIRST_SEED, SEEDS, comparable
from finished_result import resealed
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_manifest import END
from synthetic_result import PACKAGES
from test_report import Page

from machi.analysis.paired import estimate
from machi.comparison.asked import read_asked
from machi.comparison.cautions import cautions
from machi.comparison.page import tables_of, write_page
from machi.comparison.pairing import difference
from machi.comparison.side import Side, effects, ranked, reference_apart, side_by_side
from machi.comparison.speech import all_words
from machi.comparison.story import edit
from machi.places import Places
from machi.report.tables import Table

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return comparable(tmp_path_factory.mktemp("results") / "first")


@pytest.fixture(scope="module")
def greater(first: Path) -> Path:
    """The same seeds, and packages that bring half as much again, under another scenario."""
    return comparable(first.with_name("greater"), factor=1.5, scenario="trend", scenario_en="Trend")


def beside(*folders: Path) -> Side:
    places = Places(folders[0].parent, folders[0].parent)
    return side_by_side(read_asked(places, [str(folder) for folder in folders]))


def copy(folder: Path, name: str, **changed: object) -> Path:
    made = Path(shutil.copytree(folder, folder.with_name(name), dirs_exist_ok=True))
    resealed(made, **changed)
    return made


def table(side: Side, name: str) -> Table:
    return next(one for one in tables_of(edit(side, "en")) if one.name == name)


def test_a_result_beside_itself_differs_by_exactly_zero(first: Path) -> None:
    side = beside(first, first, copy(first, "copied"))
    for outcome in ("population", "births", "moves_net"):
        for one in effects(side, [*side.packages, "all"], outcome):
            assert all(found == (0.0, 0.0, 0.0, True) for found in one.apart)
    assert all((apart[["value", "low", "high"]] == 0).all(axis=None) for apart in reference_apart(side))
    found = ranked(side)
    assert found is not None and found.concordance == 1.0 and not found.turned
    assert any("exactly" in sentence for sentence in edit(side, "en").headline)


def test_effects_are_those_of_the_stored_years(first: Path, greater: Path) -> None:
    side = beside(first, greater)
    years = [pd.read_parquet(folder / "series.parquet") for folder in (first, greater)]
    for found in effects(side, [*side.packages, "all"]):
        gains = []
        for stored, shown in zip(years, found.values, strict=True):
            last = stored[(stored["indicator"] == "population") & (stored["year"] == END)]
            of = last.pivot_table(index="replication", columns="arm", values="value")
            gains.append((of[found.arm] - of["none"]).to_numpy())
            assert shown.value == pytest.approx(gains[-1].mean())
        own = estimate(gains[1] - gains[0])
        assert found.apart[0] == (own.mean, own.low, own.high, True)


def test_cells_hold_the_exact_figures(first: Path, greater: Path) -> None:
    side = beside(first, greater)
    shown = {row[0].text.split()[0]: [cell.value for cell in row[1:]] for row in table(side, "packages").rows}
    for found in effects(side, side.packages):
        assert shown[found.arm] == [one.value for one in (*found.values, *found.apart)]
    costs = {row[0].text.split()[0]: [cell.value for cell in row[1:]] for row in table(side, "cost").rows}
    runs = pd.read_parquet(first / "runs.parquet")
    assert costs["P03"][0] == runs.loc[runs["arm"] == "P03", "cost_million_yen"].iloc[0]


def test_pairs_meet_by_their_true_seeds(first: Path) -> None:
    """An experiment that begins two seeds later shares four of six seeds, under other numbers of replication."""
    later = copy(first, "later")
    runs = pd.read_parquet(later / "runs.parquet").assign(seed=lambda t: t["replication"] + FIRST_SEED + 2)
    runs.to_parquet(later / "runs.parquet", index=False)
    resealed(later, seeds={"experiment": FIRST_SEED + 2, "founding": 1})
    side = beside(first, later)
    assert not side.unpaired["B"]
    of = pd.read_parquet(first / "series.parquet").query(f"indicator == 'population' and year == {END}")
    gain = of.pivot_table(index="replication", columns="arm", values="value").eval("P03 - none").to_numpy()
    (found,) = effects(side, ["P03"])
    assert found.apart[0].value == pytest.approx((gain[: SEEDS - 2] - gain[2:]).mean())


@pytest.mark.parametrize(
    ("changed", "reason", "caution"),
    [
        ({"basis": "register"}, "basis", "caution_basis"),
        ({"simulator": {"code": "other"}}, "code", "caution_code"),
        ({"seeds": {"experiment": FIRST_SEED, "founding": 2}}, "founding", None),
        ({"seeds": {"experiment": FIRST_SEED, "founding": 1, "stream": "philox"}}, "stream", None),
        ({"town": {"key": "kasama", "name_ja": "笠間市", "name_en": "Kasama"}}, "town", "caution_town"),
    ],
)
def test_seeds_of_other_conditions_do_not_pair(
    first: Path, changed: dict[str, object], reason: str, caution: str | None
) -> None:
    side = beside(first, copy(first, "other_conditions", **changed))
    assert side.unpaired["B"] == [reason]
    if caution is not None:
        assert caution in [key for key, _ in cautions(side)]
    assert any("do not pair" in sentence for sentence in edit(side, "en").headline)


def test_without_pairs_intervals_are_wider(first: Path) -> None:
    side = beside(first, comparable(first.with_name("unpaired"), noise=3, simulator={"code": "other"}))
    paired = side._replace(unpaired={"B": []})
    wide, narrow = (reference_apart(one)[0].set_index("year").loc[END] for one in (side, paired))
    assert wide["value"] == pytest.approx(narrow["value"])
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]
    (all_wide,), (all_narrow,) = effects(side, ["all"]), effects(paired, ["all"])
    assert not all_wide.apart[0].paired and all_narrow.apart[0].paired


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12), st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12))
@settings(deadline=None)
def test_an_unpaired_interval_holds_its_difference(a: list[float], b: list[float]) -> None:
    found = difference(pd.Series(a), pd.Series(b), paired=False)
    assert found.value == pytest.approx(np.mean(b) - np.mean(a), abs=1e-6)
    assert found.low <= found.value + 1e-6 and found.value - 1e-6 <= found.high
    back = difference(pd.Series(b), pd.Series(a), paired=False)
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))


def test_different_horizons_meet_in_the_last_common_year(first: Path) -> None:
    shorter = copy(first, "shorter", end=END - 15)
    side = beside(first, shorter)
    assert side.year == END - 15 and "caution_horizon" in [key for key, _ in cautions(side)]
    assert str(END - 15) in edit(side, "en").headline[0]


def test_other_towns_are_counted_per_resident(first: Path) -> None:
    town = {"key": "kasama", "name_ja": "笠間市", "name_en": "Kasama"}
    side = beside(first, copy(first, "elsewhere", town=town))
    assert side.per_thousand and not side.packages and ranked(side) is None
    (found,) = effects(side, ["all"])
    people = pd.read_parquet(first / "series.parquet").query("indicator == 'population' and arm == 'none'")
    residents = people.loc[people["year"] == 2015, "value"].mean()
    total = sum(row[8] for row in PACKAGES)
    assert found.values[0].value == pytest.approx(1000 * total / residents, rel=0.02)


def test_a_rank_changes_where_mu_does(first: Path) -> None:
    turned = Path(shutil.copytree(first, first.with_name("turned"), dirs_exist_ok=True))
    ranking = pd.read_csv(turned / "ranking.csv")
    top, next_one = ranking["package"].iloc[:2]
    for column in ("mu", "mu_low", "mu_high"):
        ranking.loc[[0, 1], column] = ranking.loc[[1, 0], column].to_numpy()
    ranking.to_csv(turned / "ranking.csv", index=False, lineterminator="\n")
    resealed(turned)
    found = ranked(beside(first, turned))
    assert found is not None and found.by_mu and found.concordance < 1.0
    assert {*found.turned} == {tuple(sorted((top, next_one), key=found.packages.index))}
    shown = {
        row[0].text.split()[0]: [cell.text for cell in row[1:3]] for row in table(beside(first, turned), "ranks").rows
    }
    assert shown[top] == ["1", "2"] and shown[next_one] == ["2", "1"]


def test_packages_of_the_same_key_and_other_content_are_named(first: Path) -> None:
    packages = json.loads((first / "manifest.json").read_text(encoding="utf-8"))["packages"]
    packages[2]["cost_high"] = 1.0
    side = beside(first, copy(first, "rewritten", packages=packages))
    assert ("caution_packages", {"a": "A", "b": "B", "keys": "P03"}) in cautions(side)


def test_figures_of_other_scenarios_are_looked_at(first: Path) -> None:
    """Scenarios that arms are crossed with, and the town's own figures where the scenario itself is another."""

    def crossed(name: str, scenario: str, also: list[str], **digests: str) -> Path:
        files = {"iwaki/population.csv": "p", **{f"scenarios/{key}.toml": each for key, each in digests.items()}}
        files |= {"iwaki/population.csv": files.pop("scenarios/town.toml")} if "town" in digests else {}
        config = {"scenarios": {"also": also}}
        return copy(first, name, data_files=files, config=config, scenario=scenario)

    usual = crossed("crossed", "baseline", ["trend", "decline"], baseline="0", trend="1", decline="2")
    other = crossed("crossed_other", "baseline", ["trend", "growth"], baseline="0", trend="3", growth="4")
    found = cautions(beside(usual, other))
    assert ("caution_crossed", {"a": "A", "b": "B", "keys": "trend"}) in found
    assert ("caution_crossed_only", {"a": "A", "b": "B", "keys": "decline, growth"}) in found
    changed = crossed("crossed_changed", "trend", ["decline"], trend="1", decline="2", town="q")
    found = cautions(beside(usual, changed))
    assert "caution_data" in [key for key, _ in found] and "caution_crossed" not in [key for key, _ in found]
    assert ("caution_crossed_only", {"a": "A", "b": "B", "keys": "baseline"}) in found
    same = crossed("crossed_same", "trend", ["baseline", "decline"], baseline="0", trend="1", decline="2")
    assert not {"caution_data", "caution_crossed", "caution_crossed_only"} & {
        key for key, _ in cautions(beside(usual, same))
    }


def test_both_languages_say_the_same(first: Path, greater: Path) -> None:
    for file in ("words.toml", "portfolios.toml", "towns.toml"):
        words = all_words(file)
        assert set(words["ja"]) == set(words["en"])
    pages = [edit(beside(first, greater), lang) for lang in ("ja", "en")]
    values = [[[cell.value for row in one.rows for cell in row] for one in tables_of(page)] for page in pages]
    assert values[0] == values[1] and len(pages[0].sections) == len(pages[1].sections)


def test_the_page_asks_for_nothing_and_shows_names_as_text(first: Path, greater: Path, tmp_path: Path) -> None:
    hostile = copy(greater, "hostile", title_en="<script>alert(1)</script>", title_ja="<img src=x onerror=alert(1)>")
    side = beside(first, hostile)
    write_page(tmp_path / "page.html", [edit(side, lang) for lang in ("ja", "en")])
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "://" not in text and "<script>alert" not in text and "&lt;script&gt;alert" in text
    assert len(page.inline["script"]) == 1 and "img" not in {tag for tag, _ in page.elements}
    assert not any(name == "style" or name.startswith("on") for _, one in page.elements for name in one)
    assert [one["lang"] for tag, one in page.elements if tag in {"html", "article"}] == ["ja", "ja", "en"]
    labels = [one["aria-label"] for tag, one in page.elements if tag == "svg" and one.get("role") == "img"]
    assert len(labels) >= 12 and all(labels)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    return command(tmp_path, monkeypatch, capfd)


def test_the_command_prints_tables_and_writes_the_page(first: Path, greater: Path, tmp_path: Path, call: Call) -> None:
    code, out, _ = call("compare", first, greater, "--out", tmp_path / "page.html")
    assert code == 0 and "Table 4" in out and "P03" in out and (tmp_path / "page.html").is_file()
    code, out, _ = call("--lang", "ja", "compare", first, greater)
    assert code == 0 and "表4" in out


def test_what_cannot_be_compared_is_refused_in_one_sentence(first: Path, tmp_path: Path, call: Call) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    flipped = Path(shutil.copytree(first, tmp_path / "flipped"))
    content = bytearray((flipped / "series.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (flipped / "series.parquet").write_bytes(content)
    unnamed = Path(shutil.copytree(first, tmp_path / "unnamed"))
    resealed(unnamed, town=None)
    for words, said in (
        ([first, bare], "no manifest.json"),
        ([first, flipped], "has changed since it was written"),
        ([first, unnamed], "no usable field `town`"),
        (["kasama", "ninohe"], "machi towns kasama ninohe"),
        ([first, "nowhere"], "no result `nowhere`"),
        ([first], "give two or three results"),
        ([first, "iwaki:P03"], "one kind"),
        ([first, first, "--out", tmp_path], "name an HTML file"),
    ):
        code, _, problem = call("compare", *words)
        assert code == 2 and said in problem and len(problem.strip().splitlines()) == 1
