"""One town year by year in the browser: `solara run docs/town_viewer.py` (needs `pip install machi[viz]`).

Mesa's SolaraViz steps the model and draws what its DataCollector holds. The seed can be changed; Reset begins anew.
"""

import matplotlib as mpl
import matplotlib_fontja  # noqa: F401  (registers the Japanese typeface)
import solara
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from mesa.visualization import Slider, SolaraViz
from mesa.visualization.utils import update_counter

from abm.model import TownModel
from machi.places import find_places
from machi.runs.groundwork import read_ground

FRACTION, END = 0.02, 2030  # one person in fifty: quick to step, and no figure worth quoting
mpl.rcParams["font.family"] = "IPAexGothic"
ground = read_ground(find_places(), "iwaki", "baseline", end=END)
start = {"founding": ground.founding(FRACTION), "reference": ground.reference(), "follow": 20}


@solara.component
def Course(model: TownModel) -> None:  # noqa: N802
    """Residents and births by year, with their units."""
    update_counter.get()  # drawn again after every step
    figure = Figure(figsize=(5, 5), layout="constrained")
    table = model.datacollector.get_model_vars_dataframe().set_index("year")
    above, below = figure.subplots(2, 1, sharex=True)
    above.plot(table["population"] / 1e4, marker="o")
    above.set(title="人口 / residents", ylabel="万人 / 10,000 persons", xlim=(ground.start, END))
    below.plot(table["births"], marker="o", color="tab:orange")
    below.set(title="出生 / births", ylabel="人/年 / persons a year", xlabel="年 / year")
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    solara.FigureMatplotlib(figure)


page = SolaraViz(
    TownModel(**start),
    components=[Course],
    model_params=start | {"seed": Slider("乱数の種 / seed", value=1, min=1, max=20, step=1)},
    name="いわき市 / Iwaki",
)
