"""What there is: towns and the policy packages of a town, as tables."""

import pandas as pd

from machi.notebook.places import Folder, places_of


def towns(*, workspace: Folder | None = None) -> pd.DataFrame:
    """The towns that can be simulated, one a row.

    Columns: town (the name that `simulate` takes), name_ja, name_en, prefecture_ja, prefecture_en, bases (what a town
    can be founded on), scenarios (futures that the city does not control). `workspace` is a folder with towns of its
    own; without one the nearest folder at or above the current one with a machi.toml is used. Raises `InputError` for
    a town whose folder cannot be read.

        >>> import machi
        >>> machi.towns()["town"].tolist()
        ['aizuwakamatsu', 'iwaki', 'kasama', 'ninohe']
    """
    from abm.known.town import read_town

    places = places_of(workspace)
    rows = []
    for name, folder in places.towns().items():
        read = read_town(folder, places.japan_dir())
        rows.append({
            "town": name, "name_ja": read.name_ja, "name_en": read.name_en, "prefecture_ja": read.prefecture_ja,
            "prefecture_en": read.prefecture_en, "bases": tuple(read.bases),
            "scenarios": tuple(places.scenarios(name)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def packages(town: str, *, workspace: Folder | None = None) -> pd.DataFrame:
    """The policy packages of a town, one a row.

    Columns: package (the name that `simulate` takes), name_ja, name_en, grade (of the evidence, A the best), measures,
    cost_low, cost_centre, cost_high (million yen a year at strength 1), rows_modelled and rows_not_modelled (of the
    evidence). Raises `InputError` for a town that there is not, or that has no packages.

        >>> import machi
        >>> machi.packages("iwaki").set_index("package").loc["P06", "grade"]
        'C'
    """
    from machi.policy.package import package_table, read_packages

    lines = package_table(read_packages(places_of(workspace).package_dir(town)))
    return pd.DataFrame([line._asdict() for line in lines]).rename(columns={"key": "package"})
