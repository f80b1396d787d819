"""The page of a result folder: figures, tables and plain words in Japanese and English, in one file."""

from collections.abc import Sequence
from pathlib import Path

from machi.places import Places
from machi.store import make_folder, read_manifest, written

PAGE = "report.html"


def write_report(folder: Path, langs: Sequence[str] = ("ja", "en"), places: Places | None = None) -> Path:
    """Write report.html and figures/ into a result folder and return the page's path.

    Reads only the folder and, where `places` says where to look, the stored table of the town's portfolios; the same
    tables give the same bytes. Raises `InputError` naming the file that is missing, damaged or cannot be written.
    `langs` in the order of the page, the first one shown first.
    """
    # matplotlib takes a second to load: only who writes a page waits for it.
    from machi.portfolio_table.file import read

    from .chooser import chooser, stored
    from .edition import edit, read_words
    from .figures import ANSWER, draw_all
    from .page import render
    from .pictures import APPENDIX
    from .reading import read_result

    result = read_result(folder)
    words = read_words()
    path = places.portfolio_table(result.manifest.town.key) if places is not None else None
    table, manifest = (None if path is None else read(path)), read_manifest(folder)
    make_folder(folder / "figures")
    editions = []
    for place, lang in enumerate(langs):
        drawn = draw_all(result, words[lang], lang, folder / "figures", {**ANSWER, **APPENDIX})
        other = langs[(place + 1) % len(langs)] if len(langs) > 1 else None
        chosen = chooser(result, table, manifest, words[lang], lang)
        editions.append(edit(result, words[lang], lang, other, drawn, chosen, table, manifest))
    text = render(editions, None if table is None else stored(result, table, manifest))
    with written(folder / PAGE) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return folder / PAGE
