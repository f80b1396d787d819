"""A result as an RO-Crate 1.1: its files beside a JSON-LD that says what each is, and what made it.

Specification: https://www.researchobject.org/ro-crate/specification/1.1/ ; `sha256` is a term of schema.org that the
crate's context lacks, so that the metadata bring it along.
"""

import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from abm.errors import InputError
from machi.account.citation import Software, citation, read_citation
from machi.account.folder import verified_files
from machi.store import MANIFEST, built_aside, file_digest, read_manifest, write_json

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.1"
CONTEXT: list[object] = [f"{PROFILE}/context", {"sha256": "http://schema.org/sha256"}]
FORMATS = {
    ".parquet": "application/vnd.apache.parquet", ".csv": "text/csv", ".json": "application/json",
    ".html": "text/html", ".svg": "image/svg+xml", ".png": "image/png",
}  # fmt: skip
PAGE, FIGURES = "report.html", "figures"

Entity = dict[str, Any]


def write_crate(folder: Path, out: Path, project: Path) -> tuple[int, int]:
    """Copy a result into the new folder `out`, with its metadata; gives the number of files and their bytes.

    `project` holds CITATION.cff. Tables are verified before they are copied. InputError for a folder that is no whole
    result, and for an `out` that holds something, lies in the result, or cannot be written.
    """
    manifest = read_manifest(folder)
    found = [folder / MANIFEST, *verified_files(folder, manifest), *_of_page(folder)]
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise InputError(f"--ro-crate: {out} is there already and not empty; name a new folder.")
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise InputError(f"--ro-crate: {out} lies in the result itself; name a folder elsewhere.")
    software = read_citation(project)
    with built_aside(out) as building:
        for path in found:
            copy = building / path.relative_to(folder)
            try:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
            except OSError as error:
                raise InputError(f"{out}: {path.name} cannot be copied ({error.strerror}); make room.") from error
        names = [path.relative_to(folder).as_posix() for path in found]
        graph = _graph(building, names, manifest, software, citation(folder, software, "en"), _made(folder))
        write_json(building, METADATA, {"@context": CONTEXT, "@graph": graph})
        total = sum((building / name).stat().st_size for name in names)
    return len(names), total


def _of_page(folder: Path) -> list[Path]:
    """The page and its figures, where there are some: they are made from the tables and have no sha256 of their own."""
    figures = sorted(path for path in (folder / FIGURES).glob("*") if path.suffix in FORMATS)
    return [path for path in (folder / PAGE, *figures) if path.is_file()]


def _made(folder: Path) -> str:
    """When the result was written, to the second (UTC)."""
    written = datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, UTC)
    return written.strftime("%Y-%m-%dT%H:%M:%SZ")


def _graph(
    building: Path, names: list[str], manifest: Mapping[str, Any], software: Software, cited: str, made: str
) -> list[Entity]:
    """Every entity of the crate, the descriptor and the root first."""
    files = [_file(building / name, name) for name in names]
    sources = [_source(source) for source in manifest.get("sources", [])]
    libraries = [_library(name, version) for name, version in manifest.get("versions", {}).items() if name != "machi"]
    prints = list(_prints(manifest.get("fingerprints", {})))
    authors = [_author(name) for name in software.authors]
    program = _program(manifest, software, libraries, authors)
    descriptor: Entity = {
        "@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": PROFILE}, "about": {"@id": "./"},
    }  # fmt: skip
    root: Entity = {
        "@id": "./", "@type": "Dataset", "name": manifest.get("title_en") or manifest.get("name", ""),
        "alternateName": manifest.get("title_ja", ""), "description": cited, "datePublished": made,
        "identifier": manifest.get("fingerprint", ""), "license": _refer([_license(software)])[0],
        "author": _refer(authors), "hasPart": _refer(files), "isBasedOn": _refer(sources),
        "mentions": [{"@id": "#run"}], "variableMeasured": _refer(prints),
    }  # fmt: skip
    action: Entity = {
        "@id": "#run", "@type": "CreateAction", "name": f"machi run {manifest.get('name', '')}", "endTime": made,
        "instrument": {"@id": program["@id"]}, "object": _refer([*sources, *prints]), "result": _refer(files),
    }  # fmt: skip
    contextual = [program, *libraries, *sources, *prints, *authors, _license(software)]
    return [descriptor, root, *files, action, *contextual]


def _refer(entities: Iterable[Entity]) -> list[Entity]:
    return [{"@id": entity["@id"]} for entity in entities]


def _file(path: Path, name: str) -> Entity:
    return {
        "@id": quote(name), "@type": "File", "name": name, "contentSize": str(path.stat().st_size),
        "encodingFormat": FORMATS[path.suffix], "sha256": file_digest(path),
    }  # fmt: skip


def _source(source: Mapping[str, Any]) -> Entity:
    """A statistic that the result rests on, credited as its publisher asks."""
    found = {
        "@id": f"#source-{quote(str(source.get('key', '')))}", "@type": "CreativeWork",
        "name": source.get("statistic") or source.get("key", ""), "alternateName": source.get("statistic_ja", ""),
        "creditText": source.get("credit", ""), "usageInfo": source.get("terms", ""),
        "temporalCoverage": str(source.get("year", "")), "sourceOrganization": source.get("publisher", ""),
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _library(name: str, version: str) -> Entity:
    return {
        "@id": f"#library-{quote(name)}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version,
    }  # fmt: skip


def _prints(prints: Mapping[str, Any], above: str = "") -> Iterable[Entity]:
    """Fingerprints of what went in, one property each."""
    for name, value in prints.items():
        inner = f"{above}{name}"
        if isinstance(value, dict):
            yield from _prints(value, f"{inner}.")
        else:
            yield {"@id": f"#fingerprint-{quote(inner)}", "@type": "PropertyValue", "name": f"fingerprint of {inner}",
                   "value": str(value)}  # fmt: skip


def _author(name: str) -> Entity:
    return {"@id": f"#{quote(name)}", "@type": "Organization", "name": name}


def _license(software: Software) -> Entity:
    spdx = f"https://spdx.org/licenses/{quote(software.license)}"
    return {"@id": spdx, "@type": "CreativeWork", "name": software.license, "identifier": spdx}


def _program(manifest: Mapping[str, Any], software: Software, libraries: list[Entity], authors: list[Entity]) -> Entity:
    version = manifest.get("versions", {}).get("machi", software.version)
    return {
        "@id": "#machi", "@type": "SoftwareApplication", "name": software.title, "softwareVersion": str(version),
        "license": _refer([_license(software)])[0], "author": _refer(authors),
        "softwareRequirements": _refer(libraries),
    }  # fmt: skip
