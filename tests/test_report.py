"""The page: one file without a network, the same in two languages, with the figures of the tables."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_result import PACKAGES, seal, write_result, yardsticks

from machi.report import write_report
from machi.report.edition import read_words
from machi.report.findings import difference, trend
from machi.report.numerals import hundreds, tens, two_digits
from machi.report.reading import read_result


class Page(HTMLParser):
    """What a browser would find: elements, their attributes, the text of style and script, cells by table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inline: dict[str, list[str]] = {"style": [], "script": []}
        self.tables: dict[str, list[list[tuple[str, str | None]]]] = {}
        self._inside: str | None = None
        self._lang = ""
        self._table = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag in self.inline:
            self._inside = tag
            self.inline[tag].append("")
        if tag == "article":
            self._lang = found["lang"]
        if tag == "table":
            self._table = f"{found.get('data-table', '')}_{self._lang}"
            self.tables[self._table] = []
        if tag == "tr" and self._table:
            self.tables[self._table].append([])
        if tag in {"td", "th"} and self._table:
            self.tables[self._table][-1].append(("", found.get("data-value")))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = None
        if tag == "table":
            self._table = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.inline[self._inside][-1] += data
        elif self._table and self.tables[self._table] and self.tables[self._table][-1]:
            text, value = self.tables[self._table][-1][-1]
            self.tables[self._table][-1][-1] = (text + data, value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_result(tmp_path_factory.mktemp("results") / "twelve_packages")
    write_report(made)
    return made


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_page_loads_nothing_and_points_nowhere(text: str, page: Page) -> None:
    assert "://" not in text and "@import" not in text
    for tag, attributes in page.elements:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form"}
        for name in ("src", "srcset", "action", "data", "poster"):
            assert name not in attributes
        assert attributes.get("href", "#").startswith("#")
        assert not any(name == "style" or name.startswith("on") for name in attributes)
    assert not re.search(r"url\((?!#)", text)


def test_policy_allows_exactly_the_inline_style_and_script(page: Page) -> None:
    policy = next(one["content"] for tag, one in page.elements if "http-equiv" in one)
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    for kind in ("style", "script"):
        (inline,) = page.inline[kind]
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_page_is_small_and_japanese_comes_first(text: str, page: Page) -> None:
    assert len(text.encode()) < 2_000_000
    languages = [one["lang"] for tag, one in page.elements if tag in {"html", "article"}]
    assert languages == ["ja", "ja", "en"]
    assert [one["href"] for tag, one in page.elements if tag == "a"] == ["#en", "#ja"]


def test_both_languages_name_every_package_and_the_published_figures(text: str) -> None:
    japanese, english = text.split('<article id="en"')
    for key, name_ja, name_en, *_ in PACKAGES:
        assert f"{key} {name_ja}" in japanese
        assert f"{key} {name_en}".replace("&", "&amp;") in english
    for part in (japanese, english):
        for figure in ("292,000", "173,000", "300,000", "220,000", "47,000"):
            assert figure in part
    assert "展望人口には届きません" in japanese and "do not reach the vision" in english


def test_words_have_the_same_keys_and_blanks_in_both_languages() -> None:
    words = read_words()

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: shape(part) for key, part in value.items()}
        parts = value if isinstance(value, list) else [value]
        return [sorted(set(re.findall(r"\{(\w+)\}", part))) for part in parts]

    ours, theirs = shape(words["ja"]), shape(words["en"])
    assert isinstance(ours, dict) and isinstance(theirs, dict)
    for one in (ours, theirs):
        del one["cost_cell"]  # 億円 in Japanese, million yen in English
    assert ours == theirs


def test_ranking_table_repeats_the_figures_of_the_file(folder: Path, page: Page) -> None:
    ranking = pd.read_csv(folder / "ranking.csv").sort_values("rank_mu")
    shown = {"rank_mu": 1, "mu": 3, "effect": 4, "rank_alone": 6, "p_top3": 7, "cost_million_yen": 9}
    shown["people_per_100_million_yen"] = 10
    for lang in ("ja", "en"):
        rows = page.tables[f"ranking_{lang}"][1:]
        assert [row[0][0].split()[0] for row in rows] == list(ranking["package"])
        for column, place in shown.items():
            assert [float(row[place][1] or "nan") for row in rows] == pytest.approx(list(ranking[column]))
        for row, (_, truth) in zip(rows, ranking.iterrows(), strict=True):
            assert row[2][0] == truth["grade"]
            for part in (tens(truth["effect"]), tens(truth["effect_low"]), tens(truth["effect_high"])):
                assert part in row[4][0]
            for part in (tens(truth["effect_mc_low"]), tens(truth["effect_mc_high"])):
                assert part in row[5][0]


def test_plan_and_total_indices_repeat_the_figures_of_the_files(folder: Path, page: Page) -> None:
    plan = pd.read_csv(folder / "ranking_plan.csv").set_index("package")
    ranking = pd.read_csv(folder / "ranking.csv").set_index("package")
    for row in page.tables["run_times_ja"][1:]:
        key = row[0][0].split()[0]
        assert float(row[5][1] or "nan") == pytest.approx(plan.loc[key, "effect"])
    for row in page.tables["sobol_en"][1:]:
        assert float(row[1][1] or "nan") == pytest.approx(ranking.loc[row[0][0].split()[0], "total_index"])


def test_yardsticks_stand_beside_the_trend(folder: Path, tmp_path: Path, text: str, page: Page) -> None:
    for name in ("yardstick", "official", "hindcast"):
        assert {f"{name}_ja", f"{name}_en"} <= set(page.tables)
    assert "帰還 0.4" in text and "return 0.4" in text and "Hamilton-Perry" in text
    bare = write_result(tmp_path / "bare")
    for name in yardsticks():
        (bare / name).unlink()
    manifest = json.loads((bare / "manifest.json").read_text(encoding="utf-8"))
    seal(bare, {key: value for key, value in manifest.items() if key != "files"})
    write_report(bare)
    assert "Hamilton-Perry" not in (bare / "report.html").read_text(encoding="utf-8")


def test_ties_and_noise_are_called_by_their_names(text: str, page: Page) -> None:
    tied = {row[0][0].split()[0]: row[8][0] for row in page.tables["ranking_en"][1:]}
    assert tied["P03"] == "P02; P06" and tied["P11"] == "none"
    assert "too noisy to rank by" in text and "順位付けには使えません" in text


def test_evidence_shows_status_assumptions_and_what_is_left_out(text: str) -> None:
    for part in ("記憶による・未確認", "from memory, unverified", "The model has no wages."):
        assert part in text
    assert "returnees_extra: 効果が消えるまでの年数 = 5" in text


def test_city_and_national_effect_add_up(page: Page) -> None:
    for row in page.tables["origins_ja"][1:]:
        city, migration, natural = (float(value or "nan") for _, value in row[1:])
        assert migration + natural == pytest.approx(city)


def test_figures_have_text_alternatives_and_tables_have_captions(page: Page) -> None:
    images = [one for _, one in page.elements if one.get("role") == "img"]
    assert len(images) == 8 and all(len(one["aria-label"]) > 40 for one in images)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("caption") == tags.count("table")
    assert all("scope" in one for tag, one in page.elements if tag == "th")
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(ids) == len(set(ids))
    targets = {one["href"][1:] for _, one in page.elements if "href" in one}
    assert targets <= set(ids)


def test_same_tables_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = write_result(tmp_path / "again")
    write_report(again)
    for path in [folder / "report.html", *sorted((folder / "figures").iterdir())]:
        assert path.read_bytes() == (again / path.relative_to(folder)).read_bytes()


def test_names_from_data_are_escaped(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "hostile", name_en="<script>alert('$1')</script>")
    text = write_report(folder).read_text(encoding="utf-8")
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text
    assert [tag for tag, _ in Page(text).elements].count("script") == 1


def test_page_of_one_language_has_no_switch(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "one")
    page = Page(write_report(folder, langs=("en",)).read_text(encoding="utf-8"))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("article") == 1 and "script" not in tags and "a" not in tags


def test_sobol_and_plan_may_be_absent(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "small", sobol=False, plan=False)
    for name in ("pyramids.parquet", "runs.parquet", "sensitivity.json", "ranking_plan.csv"):
        (folder / name).unlink()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest.update(notes={}, published=[], quick=True)
    # One replication and no draws: neither interval exists.
    unknown = [name for name in pd.read_csv(folder / "ranking.csv") if name.startswith(("effect_", "p_top3"))]
    pd.read_csv(folder / "ranking.csv").assign(**dict.fromkeys(unknown)).to_csv(folder / "ranking.csv")
    series = pd.read_parquet(folder / "series.parquet")
    series[series["replication"] == 1].to_parquet(folder / "series.parquet")
    seal(folder, manifest)
    text = write_report(folder).read_text(encoding="utf-8")
    for part in (
        "Sobol）の計算が含まれていません",
        "計画期間のみ」の計算が含まれていません",
        "This is a trial",
    ):
        assert part in text


def test_trend_band_holds_most_replications_and_differences_are_paired(folder: Path) -> None:
    result = read_result(folder)
    band = trend(result, "none").set_index("year")
    rows = result.series.query("arm == 'none' and run_time == 'sustained' and indicator == 'population'")
    last = rows[rows["year"] == 2060]["value"]
    assert last.between(band.loc[2060, "low"], band.loc[2060, "high"]).mean() >= 5 / 6
    gain = difference(result, "all").set_index("year").loc[2060]
    # Each replication walks by hundreds; the paired difference is far sharper than that.
    assert gain["high"] - gain["low"] < 100 < last.max() - last.min()


@given(st.floats(-1e6, 1e6))
def test_rounded_figures_are_as_near_as_they_claim(value: float) -> None:
    def read(text: str) -> float:
        return float(text.replace(",", "").replace("−", "-"))

    assert abs(read(hundreds(value)) - value) <= 50
    assert abs(read(tens(value)) - value) <= 5
    assert abs(read(two_digits(value)) - value) <= abs(value) * 0.051
    assert tens(float("nan")) == "—"
