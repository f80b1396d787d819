"""Small files in the shapes that ministries and institutes hand out, made from the tables of a shipped town."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

TOWNS = Path(__file__).resolve().parent.parent / "towns"
NINOHE, CODE, SIX = TOWNS / "ninohe", "03213", "032131"
SEX_JA = {"T": "総数", "M": "男", "F": "女"}
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
OTHER = "03201", "032018", "盛岡市"  # a neighbour whose rows stand above, so that the right row has to be found

Row = dict[str, str]
Grid = list[list[Any]]


def rows_of(table: str, folder: Path = NINOHE, **texts: str) -> list[Row]:
    """The rows of a town's table whose columns hold these texts."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if all(row[name] == text for name, text in texts.items())]


def ages(rows: Sequence[Row]) -> dict[str, int]:
    """Persons by age label: `0-4`, `90-`, `total`, `unknown`."""
    return {
        row["age_from"] + ("" if not row["age_from"].isdecimal() else f"-{row['age_to']}"): int(row["persons"])
        for row in rows
    }


def both(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """The sum of two sexes."""
    return {age: one[age] + other[age] for age in one}


def thousands(value: int) -> str:
    """A figure as e-Stat prints it."""
    return f"{value:,}" if value else "-"


def write_csv(path: Path, grid: Grid, encoding: str = "cp932") -> Path:
    """A CSV with CRLF, every cell in quotes, as e-Stat writes it."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(grid)
    return path


def census_csv(path: Path, year: str, encoding: str = "cp932") -> Path:
    """e-Stat's cross table: lines about it, a header in full width, one row per sex and area."""
    men, women = (ages(rows_of("population", year=year, sex=sex)) for sex in "MF")
    bands = [age for age in men if age not in ("total", "unknown")]
    labels = [f"{age.rstrip('-')}{'歳以上' if age.endswith('-') else '歳'}".translate(WIDE) for age in bands]
    grid: Grid = [
        ["統計名：", "国勢調査 人口等基本集計"],
        ["表題：", "男女，年齢（５歳階級）別人口"],
        ["調査年月：", f"{year}年10月"],
        ["***", "「***」は、当該数値が存在しないもの"],
        [""],
        ["表章項目 コード", "表章項目", "男女Ａ コード", "男女Ａ", "地域 コード", "地域", "時間軸(年次)", "総数【人】"]
        + [f"{label}【人】" for label in labels]
        + ["年齢「不詳」【人】", "（再掲）15歳未満【人】"],
    ]
    for area, name in ((OTHER[0], OTHER[2]), (CODE, "二戸市")):
        for k, (sex, of) in enumerate((("T", both(men, women)), ("M", men), ("F", women))):
            figures = [thousands(of[age]) for age in ("total", *bands, "unknown")] + ["***"]
            if area != CODE:
                figures = ["1" for _ in figures]
            grid.append(["020", "人口", f"{k:03}", SEX_JA[sex], area, name, f"{year}年", *figures])
    return write_csv(path, grid, encoding)


def register_grid(date: str, nationality: str) -> tuple[list[str], Grid]:
    """Age labels and the three rows of the register (both, men, women), codes of six digits."""
    men, women = (ages(rows_of("register_population", date=date, nationality=nationality, sex=sex)) for sex in "MF")
    labels = ["総数"] + [
        f"{a}歳以上" if not b else f"{a}歳～{b}歳" for a, b in (age.split("-") for age in men if age != "total")
    ]
    grid: Grid = [["-", "合計", "-", "計", *([9999999] * len(labels))]]
    for sex, of in (("計", both(men, women)), ("男", men), ("女", women)):
        grid.append([SIX, "岩手県", "二戸市*", sex, *of.values()])
    return labels, grid


def register_xls(path: Path, date: str, nationality: str = "japanese") -> Path:
    """The older form: no title, one header line, an xls named by the ministry."""
    labels, grid = register_grid(date, nationality)
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for r, row in enumerate([["団体コード", "都道府県名", "市区町村名", "性別", *labels], *grid]):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(str(path))
    return path


def register_xlsx(path: Path, date: str, title: str, nationality: str = "total") -> Path:
    """The newer form: a merged title, ages above the line of 団体コード, a note below."""
    labels, grid = register_grid(date, nationality)
    sheet = workbook(path, title)
    sheet.append([title])
    sheet.append(["", "", "", "", *labels])
    sheet.append(["団体コード", "都道府県名", "市区町村名", "性別", *(["（人）"] * len(labels))])
    for row in grid:
        sheet.append(row)
    sheet.append(["（注）北方領土を除く。"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=4 + len(labels))
    sheet.parent.save(path)
    return path


def vital_xlsx(path: Path, title: str, events: dict[str, int], natural: int | None = None) -> Path:
    """Flows: three header lines with merged cells; 国内, 国外 and 計 below 転入者数."""
    sheet = workbook(path, "人口動態")
    sheet.append([title])
    sheet.append([])
    top = ["団体コード", "都道府県名", "市区町村名", "住民基本台帳人口", "", "", "世帯数", "人口動態"] + [""] * 13
    middle = ["", "", "", "男", "女", "計", "", "転　入　者　数", "", "", "出生者数", "その他", "計", "転出者数",
              "", "", "死 亡\n者 数", "その他", "計", "自然増減数", "社会増減数"]  # fmt: skip
    low = [""] * 7 + ["国内", "国外", "計", "", "", "", "国内", "国外", "計", "", "", "", "", ""]
    for row in (top, middle, low):
        sheet.append(row)
    for cells in ("D3:F3", "H3:U3", "H4:J4", "N4:P4", "A3:A5", "B3:B5", "C3:C5", "G3:G5", "K4:K5", "Q4:Q5"):
        sheet.merge_cells(cells)
    births, deaths = events["births"], events["deaths"]
    sheet.append(["-", "合計", "-", *([9999999] * 18)])
    sheet.append(
        [SIX, "岩手県", "二戸市", 1, 2, 3, 4, events["moves_in"] - 3, 3, events["moves_in"], births, 7, 8,
         events["moves_out"] - 2, 2, events["moves_out"], deaths, 7, 8,
         births - deaths if natural is None else natural, f"△{-events['social']:,}"]
    )  # fmt: skip
    sheet.parent.save(path)
    return path


def ssdse_csv(path: Path, edition: str = "2020") -> Path:
    """SSDSE-A in Shift_JIS: codes, years, names, then a row per municipality with `R` before the code."""
    items: list[tuple[str, str, str, str]] = []
    for row in rows_of("households"):
        items.append((HOUSEHOLDS[row["item"]], row["year"], row["item_ja"], row["households"]))
    for row in rows_of("work"):
        items.append((WORK[row["item"], row["sex"]], row["year"], row["item_ja"], row["persons"]))
    for k, row in enumerate(rows_of("industries")):
        private = "（民営）" if row["ownership"] == "private" else ""
        of = "" if row["industry"] == "total" else f"（{row['industry_ja']}）"
        items.append((f"C22{k:04}", row["year"], f"従業者数{private}{of}", row["employees"]))
    for row in rows_of("vital", year="2018"):
        if row["item"] in VITAL:
            items.append((VITAL[row["item"]], row["year"], row["item_ja"], row["events"]))
    codes, years, names, figures = (list(column) for column in zip(*items, strict=True))
    grid: Grid = [
        [f"SSDSE-A-{edition}", "Prefecture", "Municipality", *codes],
        ["年度", "年度", "年度", *years],
        ["地域コード", "都道府県", "市区町村", *names],
        [f"R{OTHER[0]}", "岩手県", OTHER[2], *("1" for _ in codes)],
        [f"R{CODE}", "岩手県", "二戸市", *figures],
    ]
    return write_csv(path, grid)


def projection_xlsx(path: Path, spoilt: int = 0) -> Path:
    """The institute's table: two header lines, blocks of both sexes, men and women side by side."""
    sheet = workbook(path, "Sheet1")
    years = list(dict.fromkeys(row["year"] for row in rows_of("official_projection")))
    by = {(y, s): ages(rows_of("official_projection", year=y, sex=s)) for y in years for s in "MF"}
    bands = [age for age in by[years[0], "M"] if age != "total"]
    labels = ["総数", *(f"{a}～{b}歳" if b else f"{a}歳以上" for a, b in (band.split("-") for band in bands))]
    sheet.append(["男女・年齢（5歳）階級別の推計結果"])
    sheet.append([])
    upper = ["コード", "市などの別", "都道府県", "市区町村", "年"]
    for block in ("男女計", "男", "女"):
        upper += [block] + [""] * (len(labels) - 1)
    sheet.append([*upper, "指数"])
    sheet.append([*[""] * 5, *labels * 3, "総人口指数（2015年=100）"])
    for year in years:
        men, women = by[year, "M"], by[year, "F"]
        blocks = [of[age] for of in (both(men, women), men, women) for age in ("total", *bands)]
        blocks[-1] += spoilt
        sheet.append([int(CODE), 2, "岩手県", "二戸市", f"{year}年", *blocks, 100])
    sheet.parent.save(path)
    return path


def workbook(path: Path, title: str) -> Any:
    """The first sheet of a new xlsx."""
    sheet = openpyxl.Workbook().active
    assert sheet is not None
    sheet.title = title.translate(str.maketrans("", "", "[]:*?/\\"))[:30]
    return sheet


HOUSEHOLDS = {"all": "A7101", "general": "A710101", "members": "A710201", "single": "A810105", "nuclear": "A810102",
              "elderly_couple": "A8201", "elderly_single": "A8301"}  # fmt: skip
WORK = {("employed", "M"): "F110201", ("employed", "F"): "F110202", ("unemployed", "M"): "F110701",
        ("unemployed", "F"): "F110702", ("outside_labour", "M"): "F110801", ("outside_labour", "F"): "F110802",
        ("primary", "T"): "F2201", ("secondary", "T"): "F2211", ("tertiary", "T"): "F2221"}  # fmt: skip
VITAL = {"marriages": "A9101", "divorces": "A9201"}
