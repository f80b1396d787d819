"""No cell of a table that leaves the house is carried out by a spreadsheet."""

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from machi.cells import harmless, harmless_table
from machi.store import write_table
from machi.workbook.book import Line, Sheet, write_book

STARTS = "=+-@＝＋－＠"
UNSEEN = [chr(code) for code in (*range(32), *range(0x7F, 0xA0))]


@settings(deadline=None, max_examples=400)
@given(
    some.text(alphabet=some.one_of(some.sampled_from([*STARTS, *UNSEEN, " ", "'", "1", ".", "%"]), some.characters()))
)
@example("=HYPERLINK(1)")
@example("\t=1+1")
@example("\r\n@SUM(1)")
@example("\ufeff=1")
@example("-1+cmd|' /C calc'!A0")
def test_no_text_begins_a_formula_or_holds_what_cannot_be_seen(text: str) -> None:
    plain = harmless(text)
    assert not any(one in plain for one in UNSEEN)
    bare = plain.strip().lstrip("\ufeff\u200b\u200c\u200d\u200e\u200f\u2060").strip()
    if bare.startswith(tuple(STARTS)):
        float(bare.replace(",", "").rstrip("%"))  # only a number may begin so
    assert harmless(plain) == plain


@pytest.mark.parametrize("number", ["-5", "+3.5", "-1,234.5", "-0.4%", "1e-5", "-.5", "12 %"])
def test_numbers_stay_as_they_are(number: str) -> None:
    assert harmless(number) == number


@pytest.mark.parametrize("text", ["笠間市", "P03 結婚・出産", "a - b", "", "'quoted'", "1-2", "年間=件"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["=1", "-x", "--5", "-1-1", "+nan", "@a", "-1e", "＝1＋1", "  =1"])
def test_what_would_be_carried_out_gets_a_quote(text: str) -> None:
    assert harmless(text) == "'" + text


def test_figures_of_a_table_are_not_touched() -> None:
    table = pd.DataFrame({"=heading": ["=1", None, "a"], "value": [-1.5, 2.0, float("nan")]})
    mended = harmless_table(table)
    assert list(mended.columns) == ["'=heading", "value"]
    assert mended["'=heading"].tolist()[0] == "'=1" and mended["'=heading"].isna().tolist() == [False, True, False]
    pd.testing.assert_series_equal(mended["value"], table["value"])


def test_a_result_s_own_csv_is_harmless_too(tmp_path: Path) -> None:
    write_table(tmp_path, "names.csv", pd.DataFrame({"name_ja": ["=cmd()", "結婚"], "effect": [-3.0, 1.0]}))
    rows = list(csv.reader(io.StringIO((tmp_path / "names.csv").read_text(encoding="utf-8"))))
    assert rows == [["name_ja", "effect"], ["'=cmd()", "-3.0"], ["結婚", "1.0"]]


@settings(deadline=None, max_examples=30)
@given(some.lists(some.text(max_size=40), min_size=1, max_size=4), some.lists(some.text(max_size=40), max_size=3))
def test_a_workbook_takes_any_text_as_text(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("book") / "any.xlsx"
    sheets = [Sheet(name, [Line("plain", tuple(cells))], [10] * len(cells)) for name in ["=1+1", *names]]
    write_book(path, sheets, "ja")
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == len({name.lower() for name in book.sheetnames}) == len(sheets)
    for page in book:
        kept = [cell for cell in page[1] if cell.value is not None]
        assert all(cell.data_type == "s" for cell in kept)
        assert [cell.value for cell in kept] == [harmless(text) for text in cells if text]
