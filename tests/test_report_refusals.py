"""Results of which no page can be made: each is refused in one sentence that names the file."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from synthetic_result import seal, write_result

from abm.errors import InputError
from machi.report import write_report


@pytest.mark.parametrize("name", ["ranking.csv", "series.parquet", "pyramids.parquet", "runs.parquet"])
def test_missing_or_damaged_table_is_named_in_one_sentence(tmp_path: Path, name: str) -> None:
    folder = write_result(tmp_path / "broken")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-20])
    with pytest.raises(InputError, match=re.escape(name)):
        write_report(folder)
    if name.endswith(".parquet"):
        seal(folder, manifest)  # damaged before it was sealed
        with pytest.raises(InputError, match=re.escape(name)):
            write_report(folder)
    (folder / name).write_bytes(whole)
    seal(folder, manifest)
    (folder / name).unlink()
    with pytest.raises(InputError, match=re.escape(name)) as caught:
        write_report(folder)
    assert "\n" not in str(caught.value)
    assert not (folder / "report.html").exists()


def test_ranking_without_a_column_or_with_another_package_is_refused(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "wrong")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    table = pd.read_csv(folder / "ranking.csv")
    for wrong, named in (
        (table.drop(columns="mu_low"), "mu_low"),
        (table.replace({"package": {"P07": "P99"}}), "P07"),
        (table.assign(effect="many"), "effect"),
    ):
        wrong.to_csv(folder / "ranking.csv", index=False)
        seal(folder, manifest)
        with pytest.raises(InputError, match=rf"ranking\.csv.*{named}"):
            write_report(folder)


def test_folder_without_manifest_or_with_a_broken_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json"):
        write_report(tmp_path)
    folder = write_result(tmp_path / "later")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    seal(folder, {**manifest, "end": "soon"})
    with pytest.raises(InputError, match=r"manifest\.json.*`end`"):
        write_report(folder)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.json"):
        write_report(folder)
