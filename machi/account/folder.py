"""A result folder, named by its path or by its experiment, and the files in it."""

from pathlib import Path
from typing import Any

from abm.errors import InputError
from machi.places import Places, suggestion
from machi.store import MANIFEST, verify


def result_folder(places: Places, result: str) -> Path:
    """The folder of a result given by its path or by its name in the workspace (InputError when there is none)."""
    path = Path(result)
    if len(path.parts) != 1 or path.is_dir():
        return path
    folder = places.results_dir(path.name)
    if not (folder / MANIFEST).is_file():
        known = [found.parent.name for found in places.results().glob(f"*/{MANIFEST}")]
        raise InputError(f"results: there is no result `{result}`; {suggestion(result, known)}")
    return folder


def named_files(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """The names of the files that a manifest vouches for; InputError for one that is no file of the folder."""
    names = [str(name) for name in manifest["files"]]
    for name in names:
        if Path(name).name != name or "\\" in name:
            raise InputError(f"{folder / MANIFEST}: it names `{name}`, no file of the folder; make the result again.")
    return names


def verified_files(folder: Path, manifest: dict[str, Any]) -> list[Path]:
    """The paths of those files, the bytes of each compared with the manifest (InputError where one has changed)."""
    return [verify(folder, name, manifest) for name in named_files(folder, manifest)]
