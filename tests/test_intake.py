"""Readers of downloaded files: cells as printed, shapes of tables, wrong files named with their reason."""

from datetime import date
from pathlib import Path

import downloads
import openpyxl
import pytest
from downloads import CODE, WIDE, rows_of
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from machi.intake.cells import UNKNOWN, WITHHELD, AgeGroup, age_label, cell_text, days_in, number, years_in
from machi.intake.codes import check_digit, municipal_code, rows_with_code
from machi.intake.kinds import read_file, split_said
from machi.intake.register import Said
from machi.intake.sheets import read_sheets
from machi.intake.tidy import Reading


def read(kind: str, path: Path, said: str = "") -> Reading:
    """The reading of a file of the made town."""
    file, of = split_said(kind, f"{path}={said}" if said else str(path))
    return read_file(kind, file, CODE, of)


def figures(reading: Reading, table: str, **texts: str) -> list[tuple[str, ...]]:
    """A reading's rows as texts, without the source."""
    rows = [{name: str(value) for name, value in row.items()} for row in reading.rows[table]]
    return [_bare(row) for row in rows if all(row[name] == text for name, text in texts.items())]


def _bare(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}={row[name]}" for name in sorted(row) if name != "source")


def shipped(table: str, **texts: str) -> list[tuple[str, ...]]:
    """The same of the shipped town."""
    return [_bare(row) for row in rows_of(table, **texts)]


@given(st.integers(-(10**12), 10**12), st.booleans(), st.booleans(), st.sampled_from(["", " ", "　", "\x1f"]))
def test_a_figure_is_read_however_it_is_printed(value: int, separated: bool, wide: bool, pad: str) -> None:
    text = f"{abs(value):,}" if separated else str(abs(value))
    text = text.translate(WIDE).replace(",", "，") if wide else text
    assert number(pad + ("△" if value < 0 else "") + text + pad) == value


@given(st.text(max_size=12))
def test_a_cell_is_a_figure_withheld_or_refused(text: str) -> None:
    try:
        value = number(text)
    except ValueError:
        return
    plain = cell_text(text)
    assert cell_text(plain) == plain
    assert (value is None) == (plain.lower() in WITHHELD)
    assert value is None or number(str(value)) == value


@pytest.mark.parametrize("mark", ["***", "＊＊＊", "x", "Ｘ", "χ", "…", "", "　"])
def test_withheld_figures_are_no_zero(mark: str) -> None:
    assert number(mark) is None


@pytest.mark.parametrize("mark", ["-", "－", "―", "−", "‐", "0", "０"])
def test_a_dash_is_zero(mark: str) -> None:
    assert number(mark) == 0


@pytest.mark.parametrize("text", ["12,34", "1,2345", "人口", "12a", "--", "1.2.3"])
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a figure"):
        number(text)


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("０－４歳【人】", 0, 4),
        ("5～9歳", 5, 9),
        ("10歳〜14歳", 10, 14),
        ("85 - 89", 85, 89),
        ("90歳以上", 90, -1),
        ("95歳～", 95, -1),
    ],
)
def test_age_groups_are_understood(label: str, start: int, end: int) -> None:
    assert age_label(label) == AgeGroup("group", start, end)


@pytest.mark.parametrize("label", ["（再掲）65歳以上", "男女", "15歳", "平均年齢"])
def test_other_labels_are_no_age_groups(label: str) -> None:
    assert age_label(label) is None


def test_unknown_ages_and_eras_are_understood() -> None:
    assert age_label("年齢「不詳」") == UNKNOWN
    assert years_in("平成元年、令和２年及び昭和55年") == [1989, 2020, 1980]
    assert days_in("平成26年1月1日人口、平成25年1月1日から平成25年12月31日まで") == [date(2014, 1, 1)]


def test_codes_carry_their_check_digit() -> None:
    assert check_digit("07204") == "4" and municipal_code("072044") == "07204"
    with pytest.raises(InputError, match="check digit"):
        municipal_code("072045")


@given(st.sampled_from(["07204", "R07204", "7204", "07204_いわき市"]))
def test_a_code_is_found_in_any_form(cell: str) -> None:
    assert rows_with_code(["合計", cell], "07204") == [1]
    assert rows_with_code(["72044", "072044", "011002"], "07204") == [0, 1]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig", "utf-16"])
def test_a_census_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    reading = read("census", downloads.census_csv(tmp_path / "census.csv", "2015", encoding))
    assert reading.years == (2015,)
    assert sorted(figures(reading, "population")) == sorted(shipped("population", year="2015"))


def test_a_census_with_ages_in_rows_is_read(tmp_path: Path) -> None:
    grid: downloads.Grid = [["area_code", "地域", "年齢5歳階級", "男女", "時間軸(年次)", "unit", "value"]]
    for row in rows_of("population", year="2010"):
        age = row["age_from"]
        group = f"{age}～{row['age_to']}歳" if row["age_to"] else f"{age}歳以上"
        label = {"total": "総数（年齢）", "unknown": "不詳"}.get(age, group)
        grid.append([CODE, "二戸市", label, downloads.SEX_JA[row["sex"]], "2010年", "人", f"{int(row['persons']):,}"])
    reading = read("census", downloads.write_csv(tmp_path / "long.csv", grid, "utf-8"))
    assert sorted(figures(reading, "population")) == sorted(shipped("population", year="2010"))


def test_an_old_register_is_told_by_its_name(tmp_path: Path) -> None:
    reading = read("register", downloads.register_xls(tmp_path / "0604snen.xls", "2006-03-31"))
    assert figures(reading, "register_population") == shipped("register_population", date="2006-03-31")
    assert reading.name_ja == "二戸市"


@pytest.mark.parametrize(
    ("title", "nationality"),
    [("【総計】平成31年1月1日住民基本台帳年齢階級別人口", "total"), ("【日本人住民】平成31年1月1日", "japanese")],
)
def test_a_register_with_merged_title_is_read(tmp_path: Path, title: str, nationality: str) -> None:
    path = downloads.register_xlsx(tmp_path / "a.xlsx", "2019-01-01", title, nationality)
    expected = shipped("register_population", date="2019-01-01", nationality=nationality)
    assert figures(read("register", path), "register_population") == expected


def test_what_a_file_does_not_say_can_be_said(tmp_path: Path) -> None:
    path = downloads.register_xls(tmp_path / "ages.xls", "2014-01-01", "total")
    with pytest.raises(InputError, match="of which day"):
        read("register", path)
    with pytest.raises(InputError, match="whose register"):
        read("register", path, "2014-01-01")
    expected = shipped("register_population", date="2014-01-01", nationality="total")
    assert figures(read("register", path, "2014,total"), "register_population") == expected
    with pytest.raises(InputError, match="neither a year"):
        read("register", path, "soon")


def test_foreign_residents_alone_are_no_town(tmp_path: Path) -> None:
    path = downloads.register_xlsx(tmp_path / "a.xlsx", "2019-01-01", "【外国人住民】平成31年1月1日")
    with pytest.raises(InputError, match="foreign residents only"):
        read("register", path)


EVENTS = {
    row["item"]: int(row["events"])
    for row in rows_of("vital", year="2018", nationality="total")
    if row["item"] in ("births", "deaths", "moves_in", "moves_out", "social")
}
TITLE = "【総計】平成31年1月1日住民基本台帳人口・世帯数、平成30年（1月1日から12月31日まで）人口動態"


def test_flows_below_merged_headers_are_read(tmp_path: Path) -> None:
    reading = read("vital", downloads.vital_xlsx(tmp_path / "a.xlsx", TITLE, EVENTS))
    assert figures(reading, "vital") == shipped("vital", year="2018", nationality="total")


def test_flows_saved_as_csv_lose_no_header(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(downloads.vital_xlsx(tmp_path / "a.xlsx", TITLE, EVENTS)).active
    grid = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    reading = read("vital", downloads.write_csv(tmp_path / "a.csv", grid))
    assert figures(reading, "vital") == shipped("vital", year="2018", nationality="total")


def test_flows_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="births minus deaths"):
        read("vital", downloads.vital_xlsx(tmp_path / "a.xlsx", TITLE, EVENTS, natural=5))


def test_ssdse_gives_households_work_industries_and_marriages(tmp_path: Path) -> None:
    reading = read("ssdse", downloads.ssdse_csv(tmp_path / "SSDSE-A-2020.csv"))
    for table in ("households", "work", "industries"):
        assert sorted(figures(reading, table)) == sorted(shipped(table))
    assert sorted(figures(reading, "vital", item="marriages")) == shipped("vital", year="2018", item="marriages")


def test_a_projection_is_read(tmp_path: Path) -> None:
    reading = read("projection", downloads.projection_xlsx(tmp_path / "suikei_kekka.xlsx"))
    assert figures(reading, "official_projection") == shipped("official_projection")
    with pytest.raises(InputError, match="sum to"):
        read("projection", downloads.projection_xlsx(tmp_path / "spoilt.xlsx", spoilt=500))


def changed(path: Path, old: str, new: str) -> Path:
    """A census file with one text changed."""
    text = path.read_text(encoding="cp932")
    assert old in text
    path.write_text(text.replace(old, new), encoding="cp932")
    return path


def test_a_census_that_does_not_add_up_is_refused(tmp_path: Path) -> None:
    men = next(row for row in rows_of("population", year="2015", sex="M", age_from="20"))
    path = downloads.census_csv(tmp_path / "census.csv", "2015")
    with pytest.raises(InputError, match="but the total is"):
        read("census", changed(path, f'"{int(men["persons"]):,}"', '"1"'))


def test_a_withheld_age_is_named(tmp_path: Path) -> None:
    men = next(row for row in rows_of("population", year="2015", sex="M", age_from="20"))
    path = downloads.census_csv(tmp_path / "census.csv", "2015")
    with pytest.raises(InputError, match=r"census.csv.*ages from 20, is withheld"):
        read("census", changed(path, f'"{int(men["persons"]):,}"', '"x"'))


def test_withheld_unknown_ages_are_what_the_total_leaves(tmp_path: Path) -> None:
    unknown = {int(row["persons"]) for row in rows_of("population", year="1980", age_from="unknown")}
    path = downloads.census_csv(tmp_path / "census.csv", "1980")
    if unknown == {0}:
        path = changed(path, '"-","***"', '"***","***"')
    assert sorted(figures(read("census", path), "population")) == sorted(shipped("population", year="1980"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<html><body>x</body></html>", "web page"),
        (b"\x80\x81\xff\xfd\xfe not text", "neither UTF-8 nor Shift_JIS"),
        (b"PK\x03\x04 broken", "no readable Excel workbook"),
        ("項目,値\nあ,1\n".encode("cp932"), "no header with its columns"),
    ],
)
def test_a_wrong_file_is_named_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"wrong\.csv.*{reason}"):
        read("census", path)


def test_a_file_of_another_kind_is_told_apart(tmp_path: Path) -> None:
    path = downloads.ssdse_csv(tmp_path / "SSDSE-A-2020.csv")
    with pytest.raises(InputError, match="give it with --ssdse"):
        read("census", path)
    with pytest.raises(InputError, match="no row with the code 13101"):
        read_file("ssdse", path, "13101", Said())
    with pytest.raises(InputError, match="cannot be read"):
        read_sheets(tmp_path / "nowhere.csv")
