"""An Excel workbook of plain sheets: headings and figures in their form, set up for A4; no formula, link or macro."""

from collections.abc import Sequence
from math import ceil, isfinite
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from machi.cells import harmless
from machi.store import make_folder, written

PEOPLE, SIGNED, SHARE, TENTH, HUNDREDTH = "#,##0", "+#,##0;-#,##0;0", "0.0%", "#,##0.0", "0.00"
FONTS = {"ja": "Yu Gothic", "en": "Calibri"}
A4 = 9  # the number of the paper in the file format
LINE_HEIGHT = 14.0  # points of a line of text of 10 points
LONGEST_CELL = 32_767  # characters that Excel holds in a cell
LONGEST_NAME = 31  # characters of a sheet's name
NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))

Kind = Literal["title", "text", "band", "head", "total", "plain", "part"]


class Figure(NamedTuple):
    """A number and the form in which it is shown; one that is not finite is an empty cell."""

    value: float
    form: str = PEOPLE


Cell = str | int | Figure | None


class Line(NamedTuple):
    """A row of a sheet."""

    kind: Kind
    cells: tuple[Cell, ...]


class Sheet(NamedTuple):
    """A sheet: its name, its rows, the widths of its columns in characters, and how much of it stays in sight."""

    name: str
    lines: Sequence[Line]
    widths: Sequence[float]
    still: tuple[int, int] = (0, 0)  # rows above and columns to the left that do not scroll and are printed again
    landscape: bool = True
    one_page: bool = False


def title(text: str) -> Line:
    """The heading of a sheet."""
    return Line("title", (text,))


def text(*lines: str) -> list[Line]:
    """Sentences, one a row."""
    return [Line("text", (line,)) for line in lines]


def write_book(path: Path, sheets: Sequence[Sheet], lang: str) -> None:
    """Write the sheets as one .xlsx file, whole or not at all (InputError where nothing can be written)."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "Machi"
    names: set[str] = set()
    for sheet in sheets:
        name = _free_name(sheet.name, names)
        names.add(name.lower())
        _fill(book.create_sheet(name), sheet, FONTS[lang])
    make_folder(path.parent)
    with written(path) as part:
        book.save(part)


def _free_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes for a sheet and that no other sheet of the book has."""
    plain = harmless(name).translate(NOT_IN_NAMES).strip()[:LONGEST_NAME] or "-"
    found, number = plain, 2
    while found.lower() in taken:
        end = f" ({number})"
        found, number = plain[: LONGEST_NAME - len(end)] + end, number + 1
    return found


def _fill(page: Any, sheet: Sheet, font: str) -> None:
    """Put a sheet's rows into a page of the workbook."""
    across = sum(sheet.widths)
    for number, line in enumerate(sheet.lines, start=1):
        for column, cell in enumerate(line.cells, start=1):
            _put(page.cell(number, column), cell, line.kind, font)
        if line.kind == "text" and line.cells:
            page.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(sheet.widths))
        tall = _lines_of(line, [across] if line.kind == "text" else sheet.widths)
        page.row_dimensions[number].height = LINE_HEIGHT * (tall + (0.5 if line.kind == "title" else 0))
    for column, width in enumerate(sheet.widths, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    rows, columns = sheet.still
    if rows or columns:
        page.freeze_panes = page.cell(rows + 1, columns + 1)
    if rows:
        page.print_title_rows = f"1:{rows}"
    page.sheet_view.showGridLines = False
    page.page_setup.paperSize = A4
    page.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, int(sheet.one_page)
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.center.text = "&A  &P / &N"


def _lines_of(line: Line, widths: Sequence[float]) -> int:
    """How many lines of text the fullest cell takes, where columns are so many characters wide."""
    if line.kind in ("title", "band"):
        return 1
    found = [1]
    for cell, width in zip(line.cells, widths, strict=False):
        if isinstance(cell, str):
            wide = sum(2 if east_asian_width(one) in "WFA" else 1 for one in cell)
            found.append(ceil(wide * (1.0 if line.kind == "head" else 0.95) / max(width - 0.5, 1.0)))
    return max(found)


def _put(cell: Any, value: Cell, kind: Kind, font: str) -> None:
    """One cell: text as text whatever it begins with, figures as numbers in their form."""
    number = isinstance(value, Figure | int)
    if isinstance(value, Figure):
        if isfinite(value.value):
            cell.value, cell.number_format = float(value.value), value.form
    elif isinstance(value, int):
        cell.value = value
    elif value:
        cell.value, cell.data_type = harmless(value)[:LONGEST_CELL], "s"
    bold = kind in ("title", "band", "head", "total")
    cell.font = Font(name=font, size=14 if kind == "title" else 10, bold=bold)
    if kind in ("title", "text"):
        cell.alignment = Alignment(vertical="top", wrap_text=kind == "text")
        return
    thin, hair = Side(style="thin"), Side(style="hair", color="999999")
    cell.border = Border(bottom=thin if kind in ("head", "total") else hair, top=thin if kind == "head" else None)
    if kind in ("band", "head"):
        cell.fill = PatternFill("solid", start_color="E7ECEF" if kind == "head" else "D3DCE1")
    side = "center" if kind == "head" else "right" if number else "left"
    wrapped = kind in ("head", "total", "plain")
    indent = 2 if kind == "part" and not number else int(kind in ("plain", "total") and not number)
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=wrapped, indent=indent)
