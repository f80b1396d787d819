"""The page's appendix: how people behave, in both languages, and how it is missing in older results."""

from pathlib import Path

import pytest
from synthetic_appendix import MOVED, write_appendix
from synthetic_result import write_result
from test_report import Page

from machi.report import write_report

PICTURES = ("region", "network", "market", "movers", "sectors")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_appendix(write_result(tmp_path_factory.mktemp("results") / "twelve_packages"))
    write_report(made)
    return made


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_appendix_stands_in_both_languages(text: str, page: Page) -> None:
    japanese, english = text.split('<article id="en"')
    for part in ("付録", "図A1", "図A5", "東京圏（1都3県）", "県の統計", "乱数の種 2", "作り物。"):
        assert part in japanese
    for part in ("Appendix", "Figure A1", "Figure A5", "Tokyo area", "prefecture&#39;s count", "seed 2"):
        assert part in english
    for name in ("region", "market", "movers", "sectors"):
        assert {f"{name}_ja", f"{name}_en"} <= set(page.tables)


def test_every_picture_has_a_text_alternative_and_two_files(folder: Path, page: Page) -> None:
    images = [one for _, one in page.elements if one.get("role") == "img"]
    assert len(images) == 2 * (4 + len(PICTURES)) and all(len(one["aria-label"]) > 40 for one in images)
    assert not any("{" in one["aria-label"] for one in images)
    for name in PICTURES:
        for lang in ("ja", "en"):
            assert all((folder / "figures" / f"{name}_{lang}.{kind}").is_file() for kind in ("svg", "png"))
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(ids) == len(set(ids))


def test_the_page_keeps_its_policy_and_its_size(text: str, page: Page) -> None:
    assert "://" not in text and len(text.encode()) < 2_000_000
    assert not any(name == "style" for _, attributes in page.elements for name in attributes)


def test_what_the_town_gains_the_others_lose(page: Page, text: str) -> None:
    leavers, arrivals = MOVED["none"]
    for lang in ("ja", "en"):
        *rows, total = page.tables[f"region_{lang}"][1:]
        town, theirs, policy, lost = (
            [float(row[place][1] or "nan") for row in [*rows, total]] for place in (5, 6, 7, 8)
        )
        assert town == pytest.approx([-gain for gain in theirs]) and policy == pytest.approx([-gain for gain in lost])
        assert sum(town[:-1]) == pytest.approx(town[-1]) == pytest.approx(arrivals - leavers)
        assert policy[-1] == pytest.approx(200.0 * 45)  # 100 fewer leave and 100 more arrive in each of 45 years
    assert "+9,000" in text and "−9,000" in text


def test_the_ratio_of_the_sexes_is_that_of_the_never_married(page: Page) -> None:
    assert [float(row[6][1] or "nan") for row in page.tables["market_en"][1:]] == pytest.approx([1.25] * 3)


def test_a_result_without_these_tables_says_so(tmp_path: Path) -> None:
    text = write_report(write_result(tmp_path / "old")).read_text(encoding="utf-8")
    assert "付録の表が含まれていません" in text and "no tables for the appendix" in text
    assert "図A1" not in text and "Figure A1" not in text
