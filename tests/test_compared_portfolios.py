"""Portfolios of one town side by side: the stored table's figures, zero for the same, and never those of other data."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import command
from synthetic_portfolios import made_up_table
from test_report import Page

from machi.comparison.page import tables_of, write_page
from machi.comparison.portfolios import Chosen, _here, difference, edit, read_chosen
from machi.places import Places, built_in
from machi.portfolio_table.file import COST, SUMS, PortfolioTable, write

Call = Callable[..., tuple[int, str, str]]
SEEDS = (11, 12)


@pytest.fixture(scope="module")
def current() -> dict[str, Any]:
    """Header fields by which the made-up table is current for the built-in town and packages."""
    found: Any = _here(Places(Path.cwd(), built_in()), made_up_table())[1]
    return {"fingerprints": {**found["fingerprints"], "experiment": "e"}, "code": found["simulator"]["code"]}


@pytest.fixture
def kept(tmp_path: Path, current: dict[str, Any]) -> Callable[..., tuple[Places, PortfolioTable]]:
    def keep(**changed: Any) -> tuple[Places, PortfolioTable]:
        places = Places(tmp_path, built_in())
        table = made_up_table(**{"seeds": SEEDS, **current, **changed})
        write(places.own_portfolio_table("iwaki"), table)
        return places, table

    return keep


def chosen_of(places: Places, *portfolios: str) -> Chosen:
    return read_chosen(places, [f"iwaki:{one}" for one in portfolios])


def test_every_figure_is_the_tables(kept: Callable[..., tuple[Places, PortfolioTable]]) -> None:
    places, table = kept()
    chosen = chosen_of(places, "P03+P06", "P10", "all")
    assert chosen.masks == [0b100100, 0b1000000000, 4095] and not chosen.stale
    (shown,) = tables_of(edit(chosen, "en"))
    columns = [*(name for name in table.columns if name.startswith("population") and "2015" not in name), *SUMS, COST]
    for row, column in zip(shown.rows, columns, strict=False):
        values = [float(table.columns[column][mask]) for mask in chosen.masks]
        assert [cell.value for cell in row[1:]] == [*values, values[1] - values[0], values[2] - values[0]]


def test_the_same_portfolio_differs_by_exactly_zero(kept: Callable[..., tuple[Places, PortfolioTable]]) -> None:
    chosen = chosen_of(kept()[0], "P03+P06", "P06+P03")
    for column in chosen.table.columns:
        assert difference(chosen, column, chosen.masks[1])[:3] == (0.0, 0.0, 0.0)
    assert any("same portfolio" in sentence for sentence in edit(chosen, "en").headline)


def test_ranges_grow_with_the_portfolios_that_move(kept: Callable[..., tuple[Places, PortfolioTable]]) -> None:
    chosen = chosen_of(kept()[0], "P03", "none")
    one, rate = chosen.masks[0], chosen.table.header.chance["births"] or math.nan
    deviation = math.sqrt(rate * chosen.value("population_2060", one))
    assert chosen.half("births", [0]) == 0.0 and chosen.half(COST, [one]) == 0.0
    assert chosen.half("births", [one, 0]) == chosen.half("births", [one])
    both = math.hypot(chosen.half("births", [one]), chosen.half("births", [2]))
    assert chosen.half("births", [one, 2]) == pytest.approx(both)
    assert chosen.half("births", [one | 8, 2 | 8]) == pytest.approx(both)  # what both have meets the same numbers
    assert chosen.half("births", [one]) == pytest.approx(1.645 * deviation / math.sqrt(2), rel=1e-3)


def test_a_table_of_another_model_is_called_stale(
    kept: Callable[..., tuple[Places, PortfolioTable]], tmp_path: Path
) -> None:
    chosen = chosen_of(kept(code="older")[0], "P03", "P06")
    pages = [edit(chosen, lang) for lang in ("ja", "en")]
    assert chosen.stale and "stale" in pages[1].sections[0].parts[0].sentences[0]  # type: ignore[union-attr]
    write_page(tmp_path / "page.html", pages)
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert len(page.inline["script"]) == 1 and not any("style" in one for _, one in page.elements)


def test_what_the_table_does_not_answer_is_refused(
    kept: Callable[..., tuple[Places, PortfolioTable]],
    current: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    kept()
    call = command(tmp_path, monkeypatch, capfd)
    for words, said in (
        (["iwaki:P03", "iwaki:P13"], "no package `P13`"),
        (["iwaki:P03", "kasama:K1"], "those of one town"),
        (["kasama:K1", "kasama:K2"], "no table of every portfolio"),
        (["atlantis:P1", "atlantis:P2"], "no town `atlantis`"),
    ):
        code, _, problem = call("compare", *words)
        assert code == 2 and said in problem and len(problem.strip().splitlines()) == 1
    kept(fingerprints={**current["fingerprints"], "policies": "other"})
    code, _, problem = call("compare", "iwaki:P03", "iwaki:P06")
    assert code == 2 and "stale" in problem and "policies" in problem
    path = Places(tmp_path, built_in()).own_portfolio_table("iwaki")
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert call("compare", "iwaki:P03", "iwaki:P06")[0] == 2
    assert os.environ["MACHI_LANG"] == "en"
