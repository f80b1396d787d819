"""A founded town kept in one file."""

import json
from pathlib import Path

import numpy as np

from abm.founding.found import FitRow, Founding
from abm.people.population import Households, Persons, Population
from abm.reading.stored import DamagedFile, flattened, load_arrays, rebuilt, save_arrays

_FACTS = ("town", "basis", "fraction", "seed", "out_commuters", "start")


def save_founding(founding: Founding, path: Path) -> None:
    """Keep a founded town in `path`."""
    people = founding.population
    persons = Persons._make(column[: people.n] for column in people.persons)
    households = Households._make(column[: people.counts[1]] for column in people.households)
    facts = {name: getattr(founding, name) for name in _FACTS}
    facts["fit"] = [[item.item() if isinstance(item, np.generic) else item for item in row] for row in founding.fit]
    arrays = flattened(persons, "persons.") | flattened(households, "households.")
    arrays["in_commuters"], arrays["vacancies"] = founding.in_commuters, founding.vacancies
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode("utf-8"), np.uint8)
    save_arrays(arrays, path)


def load_founding(path: Path) -> Founding:
    """The founded town of `path`; raises DamagedFile where the file cannot be used."""
    arrays = load_arrays(path)
    try:
        facts = json.loads(arrays["facts"].tobytes().decode("utf-8"))
        population = Population(rebuilt(Persons, arrays, "persons."), rebuilt(Households, arrays, "households."))
        fit = tuple(FitRow(*row) for row in facts.pop("fit"))
        return Founding(population=population, fit=fit, in_commuters=arrays["in_commuters"],
                        vacancies=arrays["vacancies"], **facts)  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedFile(f"{path.name}: {error}") from None
