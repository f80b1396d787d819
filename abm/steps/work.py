"""The year's changes of work."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import step
from abm.decisions.employment import Jobs
from abm.decisions.job_changes import work_changes, work_streams
from abm.draws import Streams
from abm.people.population import Persons
from abm.people.roll import Roll
from abm.people.verbs import set_work


@step
def change_work(persons: Persons, roll: Roll, jobs: Jobs, lots: Streams) -> NDArray[np.float64]:
    """Who finds, loses and changes work does so; slots in town that residents then fill, by sector (float64[7])."""
    rows, work, sector, place, filled = work_changes(persons, roll, jobs, work_streams(lots))
    set_work(persons, rows, work, sector, place)
    return filled
