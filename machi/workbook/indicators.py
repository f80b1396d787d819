"""The sheet of the printed indicators (KPI)."""

from machi.kpi.telling import COLUMNS, Told, words
from machi.workbook.book import Cell, Figure, Line, Sheet, text, title

WIDTHS = {
    "package": 16.0, "indicator": 26.0, "unit": 9.0, "base_years": 10.0, "target_years": 10.0, "verdict": 12.0,
    "verdict_none": 12.0, "note": 38.0, "source": 30.0,
}  # fmt: skip
COLUMN = 10.0
PRINTED = ("base", "target")
SIGNED_COLUMNS = ("difference", "low", "high")


def kpi_sheet(told: Told, name: str, lang: str) -> Sheet:
    """The table as it is told, figures as numbers."""
    said = words(lang)
    keys = {said[key]: key for key in COLUMNS}
    lines = [title(told.title), *text(*told.head), Line("head", tuple(told.headings))]
    top = len(lines)
    for shown, (_, row) in zip(told.decimals, told.table.iterrows(), strict=True):
        cells: list[Cell] = []
        for heading, value in row.items():
            key = keys[str(heading)]
            cells.append(Figure(value, _form(key, value, shown)) if isinstance(value, float) else str(value))
        lines.append(Line("plain", tuple(cells)))
    return Sheet(name, lines, [WIDTHS.get(key, COLUMN) for key in COLUMNS], (top, 2))


def _form(key: str, value: float, shown: int) -> str:
    """Printed figures as they were printed, simulated ones with the indicator's decimals."""
    if key in PRINTED:
        return "#,##0" if value == value // 1 else "#,##0.0#"
    plain = "#,##0" if shown == 0 else f"#,##0.{'0' * shown}"
    return f"+{plain};-{plain};{plain}" if key in SIGNED_COLUMNS else plain
