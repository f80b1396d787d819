"""Downloaded files as grids of texts: CSV in Shift_JIS, UTF-8 or UTF-16, xls and xlsx with merged cells filled."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.errors import InputError
from machi.intake.cells import cell_text

XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
ENCODINGS = ("utf-8-sig", "cp932")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its file, its name and its rows of texts, all of the same length."""

    path: Path
    name: str
    rows: tuple[tuple[str, ...], ...]


def read_sheets(path: Path) -> list[Sheet]:
    """The sheets of a file that hold anything; raises InputError where it is neither a workbook nor a CSV."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read; name a file that exists.") from error
    if not data.strip():
        raise InputError(f"{path} is empty; download it again.")
    if data.startswith((XLSX, XLS)):
        return _workbook(path, data)
    if data.lstrip()[:9].lower().startswith((b"<html", b"<!doctype")):
        raise InputError(f"{path} is a web page and no table; download the file that the page links to.")
    return [Sheet(path, path.stem, _grid(_separated(path, data)))]


def _separated(path: Path, data: bytes) -> list[list[str]]:
    """Rows of a comma or tab separated file."""
    for encoding in ("utf-16",) if data.startswith(UTF16) else ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(f"{path} is neither UTF-8 nor Shift_JIS text nor an Excel workbook; save it as CSV or xlsx.")
    if "\0" in text:
        raise InputError(f"{path} is no text file; give a CSV, xls or xlsx file.")
    tabs = text.count("\t") > text.count(",")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tabs else ","))
    except csv.Error as error:
        raise InputError(f"{path} is not a readable CSV file ({error}); save it again as CSV.") from error


def _workbook(path: Path, data: bytes) -> list[Sheet]:
    """The sheets of an xls or xlsx workbook, every merged range filled with its first cell."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_object(io.BytesIO(data))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        grids = [(sheet, [list(row) for row in sheet.to_python(skip_empty_area=False)]) for sheet in sheets]
    except PasswordError as error:
        raise InputError(f"{path} is protected by a password; save it without one.") from error
    except CalamineError as error:
        raise InputError(f"{path} is no readable Excel workbook ({error}); save it again as xlsx.") from error
    found = []
    for sheet, grid in grids:
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
            for row in grid[top : bottom + 1]:
                row[left : right + 1] = [grid[top][left]] * len(row[left : right + 1])
        if grid:
            found.append(Sheet(path, sheet.name, _grid(grid)))
    if not found:
        raise InputError(f"{path} has no sheet with anything in it; download it again.")
    return found


def _grid(rows: Sequence[Sequence[object]]) -> tuple[tuple[str, ...], ...]:
    """Rows of normalised texts, filled up to the longest."""
    width = max((len(row) for row in rows), default=0)
    return tuple(tuple(map(cell_text, row)) + ("",) * (width - len(row)) for row in rows)
