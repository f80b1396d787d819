"""Where a notebook looks for towns, experiments and results: a named workspace, else the nearest one."""

from os import PathLike
from pathlib import Path

from machi.places import Places, find_places

Folder = str | PathLike[str]


def places_of(workspace: Folder | None) -> Places:
    """The places of a workspace; without one, of the nearest folder at or above the current one with a machi.toml."""
    return find_places(None if workspace is None else Path(workspace))
