"""What returners and those who marry in do for a living: a job in the sectors that hire, or a search for one."""

import numpy as np

from abm.compiled import kernel
from abm.decisions.employment import N_SECTORS, Jobs
from abm.draws import Decision, Streams, uniform
from abm.people.population import Codes, Persons, Rows

ADULT = 18  # years; nobody younger comes to a job
RESTS_FROM = 60  # years from which newcomers without a job do not look for one; an assumption


@kernel
def work_of_coming(persons: Persons, rows: Rows, jobs: Jobs, lots: Streams) -> tuple[Rows, Codes, Codes, Codes]:
    """(rows, work, sector, workplace) of the adults among the newcomers in `rows`."""
    job, where = lots.year[Decision.WORK_OF_RETURNER], lots.year[Decision.SECTOR]
    kind = lots.year[Decision.KIND_OF_RETURNER]
    grown, k = np.empty(len(rows), np.int64), 0
    work, sector = np.empty(len(rows), np.int8), np.empty(len(rows), np.int8)
    for i in rows:
        sex, age, key = persons.sex[i], min(persons.age[i], 100), persons.key[i]
        if age < ADULT:
            continue
        grown[k] = i
        if uniform(job, key) < jobs.newcomers[sex, age]:
            work[k] = 4 if uniform(kind, key) < jobs.regular[sex, age] else 3
            sector[k] = min((uniform(where, key) >= jobs.sector[sex]).sum(), N_SECTORS - 1)
        else:
            work[k], sector[k] = 2 if age < RESTS_FROM else 1, -1
        k += 1
    return grown[:k], work[:k], sector[:k], np.zeros(k, np.int8)
