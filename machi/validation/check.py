"""One check of behaviour: what the model must reproduce, what it gives, and where the target comes from."""

from typing import NamedTuple


class Check(NamedTuple):
    """A target with the range that is called met, and the simulated figure beside it, in the same unit."""

    topic: str  # one of behaviour.TOPICS
    key: str
    label_en: str
    label_ja: str
    target: float  # nan where only a range is known
    low: float
    high: float
    simulated: float
    source: str
    status: str  # city, prefecture, nation, literature or assumed

    @property
    def met(self) -> bool:
        """Whether the simulated figure lies in the range."""
        return self.low <= self.simulated <= self.high
