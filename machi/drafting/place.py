"""Where a new file goes: read by its own reader while it lies aside, then put in place, never over another."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from abm.errors import InputError
from machi.forms import checked
from machi.places import Places
from machi.store import make_folder


def check_free(path: Path) -> None:
    """InputError where something stands already."""
    if path.exists():
        raise InputError(f"{path}: it is there already and is not written over; edit it, or choose another name.")


def companions(places: Places, town: str) -> dict[Path, bytes]:
    """What must stand beside a town's first file in a workspace: its packages and what they share, by path.

    A folder of packages in the workspace takes the place of the built-in one: one file alone would hide the rest.
    """
    policies = places.workspace / "policies"
    wanted: dict[Path, bytes] = {}
    if not any((policies / town).glob("*.toml")):
        try:
            known = places.package_dir(town)
        except InputError:  # a town without packages: the new one is its first
            known = policies / town
        wanted = {policies / town / path.name: path.read_bytes() for path in sorted(known.glob("*.toml"))}
    if not (policies / "shared.toml").exists():
        wanted[policies / "shared.toml"] = (places.built_in / "policies" / "shared.toml").read_bytes()
    return wanted


def put(places: Places, path: Path, text: str, beside: Mapping[Path, bytes] | None = None) -> None:
    """Write a new file and what must stand beside it, all or nothing.

    Raises InputError where its own reader finds it wrong, where something stands there, or nothing can be written.
    """
    check_free(path)
    make_folder(places.workspace)
    files = {**(beside or {}), path: text.encode("utf-8")}
    # under the workspace, so that taking its place is a rename; the folders above keep their names for the reader
    try:
        with tempfile.TemporaryDirectory(prefix=".machi-new-", dir=places.workspace) as aside:
            parts = {final: Path(aside) / final.relative_to(places.workspace) for final in files}
            for final, part in parts.items():
                part.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(files[final])
            problem = checked(places, parts[path])
            if problem:
                raise InputError(problem.replace(str(parts[path]), str(path)))
            _all_in_place(parts)
    except OSError as error:
        raise InputError(f"{path}: the file cannot be written ({error.strerror}); mend that and retry.") from error


def _all_in_place(parts: Mapping[Path, Path]) -> None:
    """Give every part its final name; where one fails, none stays (InputError)."""
    done: list[Path] = []
    try:
        for final, part in parts.items():
            final.parent.mkdir(parents=True, exist_ok=True)
            final.open("x").close()  # takes the name, or fails where it is taken
            done.append(final)
            part.replace(final)
    except BaseException as error:
        for final in done:
            final.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(f"{final}: the file cannot be written ({error.strerror}); mend that and retry.") from error
        raise
