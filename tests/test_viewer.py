"""The viewer for SolaraViz: it is put together and steps, where the extra `viz` is installed."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_the_viewer_is_drawn_and_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solara = pytest.importorskip("solara", reason="needs the extra `viz`")
    (tmp_path / "machi.toml").touch()
    monkeypatch.chdir(tmp_path)
    parts = runpy.run_path(str(ROOT / "docs" / "town_viewer.py"))
    box, context = solara.render(parts["page"], handle_error=False)
    assert box.children
    context.close()
    model = parts["TownModel"](**parts["start"], seed=3)
    drawn, course = solara.render(parts["Course"](model), handle_error=False)
    model.step()
    assert drawn.children and len(model.datacollector.get_model_vars_dataframe()) == 2
    course.close()
    model.close()
