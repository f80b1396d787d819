"""A result folder as tables by name, every byte verified when it is read."""

from pathlib import Path
from typing import Any

import pandas as pd

from abm.errors import InputError
from machi.account.folder import named_files, result_folder
from machi.notebook.places import Folder, places_of
from machi.places import suggestion
from machi.store import read_json, read_manifest, read_table


class Results(dict[str, pd.DataFrame]):
    """The tables of a result folder by name, such as `results["ranking"]`; a name that is none is an `InputError`.

    `manifest` says what was run on what, `trees` holds what is no table (such as `trees["sensitivity"]`), and `folder`
    is where it stands.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        super().__init__()
        self.folder, self.manifest = folder, manifest
        self.trees: dict[str, Any] = {}

    def __missing__(self, name: str) -> pd.DataFrame:
        raise InputError(f"{self.folder}: there is no table `{name}`; {suggestion(str(name), self)}")

    def __repr__(self) -> str:
        return f"<Results of {self.folder.name}: {', '.join(self)}>"


def read_results(folder: Folder, *, workspace: Folder | None = None) -> Results:
    """The tables of a result folder, given by its path or, in the workspace, by the experiment's name.

    Every file's sha256 is compared with the manifest's before it is read. Raises `InputError` for a folder without a
    manifest, and for a file that is missing or has changed.

        >>> import machi
        >>> results = machi.read_results("twelve_packages")
        >>> len(results["ranking"]), results.manifest["town"]["key"]
        (12, 'iwaki')
    """
    path = result_folder(places_of(workspace), str(folder))
    manifest = read_manifest(path)
    found = Results(path, manifest)
    for name in named_files(path, manifest):
        stem, _, ending = name.rpartition(".")
        if ending == "json":
            found.trees[stem] = read_json(path, name)
        else:
            found[stem] = read_table(path, name)
    return found
