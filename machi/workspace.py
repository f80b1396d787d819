"""Lays out a workspace: a town's packages to edit, an experiment on them, schemas for the editor."""

import shutil
from pathlib import Path

from abm.errors import InputError
from machi.forms import FORMS, schema_of
from machi.places import MARKER, Places
from machi.store import make_folder, write_json

README = """# 作業フォルダ / Workspace

- `policies/{town}/`: 施策パッケージ（TOML）。数値を変えたら `machi check` で確認します。
- `experiments/`: 実験の設定（TOML）。`machi run {experiment}` で実行します。
- `schemas/`: エディタの入力補完用スキーマ。
- `results/`: 結果（`report.html` をブラウザで開きます）。

Edit the packages, check them with `machi check`, run `machi run {experiment}`, open `results/{experiment}/report.html`.
"""


def lay_out(places: Places, folder: Path, town: str) -> list[Path]:
    """Make a workspace for a town in a new or empty folder; returns the files written, the experiment's last.

    Raises InputError where the folder is not empty, or the town has no packages or experiment.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: there is something here already; name a new or an empty folder.")
    packages = sorted(places.package_dir(town).glob("*.toml"))
    name = places.town_dir(town).name
    experiment = _experiment_of(places, name)
    make_folder(folder / "policies" / name)
    if places.portfolios(town):
        make_folder(folder / "policies" / name / "portfolios")
    make_folder(folder / "experiments")
    make_folder(folder / "schemas")
    written = [folder / MARKER, folder / "README.md"]
    written[0].write_text("# Marks this folder as a workspace of Machi.\n", encoding="utf-8", newline="\n")
    text = README.format(town=name, experiment=experiment.stem)
    written[1].write_text(text, encoding="utf-8", newline="\n")
    for kind in FORMS:
        write_json(folder / "schemas", f"{kind}.schema.json", schema_of(kind))
    copies = [(path, folder / "policies" / name / path.name) for path in packages]
    named = places.portfolios(town).values()
    copies += [(path, folder / "policies" / name / "portfolios" / path.name) for path in named]
    copies += [(path, folder / "policies" / path.name) for path in packages[0].parent.parent.glob("shared.toml")]
    for path, to in [*copies, (experiment, folder / "experiments" / experiment.name)]:
        shutil.copyfile(path, to)
        written.append(to)
    return written


def _experiment_of(places: Places, town: str) -> Path:
    """An experiment on a town, sooner one that ranks its packages and asks no more (InputError without one)."""
    from machi.questions.config import read_experiment

    found = [(read_experiment(path), path) for path in places.experiments().values()]
    mine = [
        (not one.is_ranked, one.structure or one.ablation or one.scenarios, path)
        for one, path in found
        if one.town == town
    ]
    if mine:
        return min(mine, key=lambda one: (one[0], one[1] is not None, len(one[2].stem), one[2].stem))[-1]
    raise InputError(f"experiments: there is none on {town}; write one first (see experiments/README.md).")
