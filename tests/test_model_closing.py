"""A closed model: its record stays, its windows close, and memory does not grow."""

import gc
import tracemalloc
import weakref

import mesa
import pytest
from modelled_town import Small, lived

from abm.alignment import align
from abm.founding.found import found
from abm.known.scenario import Scenario
from abm.known.town import Town
from abm.model import TownModel


@pytest.fixture(scope="module")
def tiny(town: Town, scenario: Scenario) -> Small:
    founding = found(town, fraction=0.002)
    return founding, align(town, scenario, 2015, 2018, founding)


def test_a_closed_model_keeps_its_record_only(tiny: Small) -> None:
    with lived(tiny, follow=5) as model:
        homes = list(model.agents)
    assert len(model.agents) == 0 and not model.running
    assert model.outputs.population[3].sum() > 0
    assert len(model.datacollector.get_model_vars_dataframe()) == 4
    with pytest.raises(RuntimeError, match="closed"):
        _ = model.town
    with pytest.raises(RuntimeError, match="closed"):
        _ = homes[0].members
    model.close()  # a second time does no harm


def test_closing_one_window_leaves_the_others(tiny: Small) -> None:
    with TownModel(*tiny, follow=5) as model:
        first, *others = list(model.agents)
        first.remove()
        assert list(model.agents) == others
        assert model.household(first.key) is not first


def test_mesa_forgets_a_closed_model(tiny: Small) -> None:
    model = lived(tiny, years=1, follow=5)
    model.close()
    memory = weakref.ref(model)
    del model
    gc.collect()
    assert memory() is None
    assert not any(isinstance(kept, TownModel) for kept in vars(mesa.Agent).get("_ids", {}))


def test_two_hundred_models_in_a_row_do_not_grow_memory(small: Small) -> None:
    """One in fifty of the town has some 0.6 MB of columns: 200 models kept alive would be far beyond the bound."""
    lived(small, years=1, follow=20).close()  # what is made once is made before measuring
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for seed in range(1, 201):
        lived(small, years=1, seed=seed, follow=20).close()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"200 models: {(after - before) / 1e6:.1f} MB more, {(peak - before) / 1e6:.1f} MB at most")
    assert peak - before < 50e6
