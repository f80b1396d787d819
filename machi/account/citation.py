"""How to cite a result: the software as CITATION.cff names it, and the fingerprints of what was run."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from abm.errors import InputError
from machi.account.speech import sentence
from machi.store import MANIFEST, read_manifest

FILE = "CITATION.cff"


class Software(NamedTuple):
    """Whom and what to name."""

    title: str
    version: str
    license: str
    authors: tuple[str, ...]


def read_citation(folder: Path) -> Software:
    """The software as the CITATION.cff of a checkout names it, or else that of the installed wheel.

    Only the form of that file is read: `key: value` lines and a list of authors with names, not YAML at large.
    InputError where there is no such file, or a line is missing.
    """
    path = folder / FILE
    lines = (path.read_text(encoding="utf-8") if path.is_file() else _installed(path)).splitlines()
    fields: dict[str, str] = {}
    authors: list[str] = []
    for line in lines:
        top = re.fullmatch(r"([a-z-]+):\s*(.+)", line)
        name = re.fullmatch(r"\s+-?\s*name:\s*(.+)", line)
        if top:
            fields[top[1]] = _plain(top[2])
        elif name:
            authors.append(_plain(name[1]))
    for key in ("title", "version", "license"):
        if key not in fields:
            raise InputError(f"{path}: `{key}` is missing; add it.")
    if not authors:
        raise InputError(f"{path}: no author has a `name`; add one.")
    return Software(fields["title"], fields["version"], fields["license"], tuple(authors))


def _installed(path: Path) -> str:
    """The file as the wheel brings it along, beside its licence."""
    try:
        text = distribution("machi").read_text(f"licenses/{FILE}")
    except PackageNotFoundError:
        text = None
    if text is None:
        raise InputError(f"{path}: the file is missing; put it back.")
    return text


def _plain(text: str) -> str:
    """A scalar without its quotes and the comment behind it."""
    text = text.strip()
    quoted = re.match(r"""(["'])(.*?)\1""", text)
    return quoted[2] if quoted else text.split(" #")[0].strip()


def citation(folder: Path, software: Software, lang: str) -> str:
    """The citation line of the result in a folder (InputError for a folder that is no result)."""
    manifest = read_manifest(folder)
    values: dict[str, Any] = {
        "authors": ", ".join(software.authors), "software": software.title, "license": software.license,
        "version": manifest.get("versions", {}).get("machi", software.version), "name": manifest.get("name", ""),
        "title": manifest.get(f"title_{lang}", ""), "fingerprint": manifest.get("fingerprint", ""),
        "parts": ", ".join(_parts(manifest.get("fingerprints", {}))),
    }  # fmt: skip
    if not values["name"] or not values["fingerprint"]:
        raise InputError(f"{folder / MANIFEST}: it has no name or no fingerprint; make the result again.")
    town = manifest.get("town")
    if not isinstance(town, dict):
        return sentence(lang, "cite_hindcast", **values)
    of_run = {
        "town": town.get(f"name_{lang}", ""), "start": manifest.get("start"), "end": manifest.get("end"),
        "scenario": manifest.get(f"scenario_{lang}") or manifest.get("scenario", ""),
        "seed": manifest.get("seeds", {}).get("experiment"),
    }  # fmt: skip
    return sentence(lang, "cite", **values, **of_run)


def _parts(prints: dict[str, Any], above: str = "") -> list[str]:
    """Each fingerprint under its name."""
    found = []
    for name, value in prints.items():
        inner = f"{above}{name}"
        found += _parts(value, f"{inner}.") if isinstance(value, dict) else [f"{inner} {value}"]
    return found
