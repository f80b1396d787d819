"""A town of plain Mesa agents: one object a person, with births, deaths, marriages, divorces and moves.

It is written to be read and to be quick: tables are nested lists, draws come from Mesa's own generator, and whoever
cannot be concerned is asked nothing. Agents act in shuffled order, as Mesa's documentation teaches, where one may be
in another's way; without that the model is an eighth quicker. The rules are those of `abm/` without work, the away,
elders' homes and everything that only those feel.
"""

from collections import defaultdict
from typing import Any

import mesa  # type: ignore[import-untyped,unused-ignore]
import numpy as np

from abm.people.population import DIVORCED, INSTITUTION, MARRIED, NATIVE, NEVER, WIDOWED, Population
from benchmarks.plain_tables import Tables

MALE, FEMALE = 0, 1
GROWN, ALONE_FROM, LIKELIEST = 18, 15, 0.5
WITH_OTHERS, ALONE, COUPLE, WITH_PRESCHOOL, WITH_PUPILS = 0, 1, 2, 3, 4
CIRCLES = 3  # school years, neighbourhood, long ties
SCHOOL_AGE = 6
SCHOOL_BAND, MEET = 3, 150  # years of birth that share a school, adults in a group


class Home:
    """People who live under one roof."""

    def __init__(self, institution: bool = False) -> None:
        self.members: list[Resident] = []
        self.institution = institution

    @property
    def has_minors(self) -> bool:
        """Whether somebody under 18 lives here."""
        return any(member.age < GROWN for member in self.members)

    @property
    def has_pupils(self) -> bool:
        """Whether a child at school lives here."""
        return any(SCHOOL_AGE <= member.age < GROWN for member in self.members)


class Resident(mesa.Agent):  # type: ignore[misc,type-arg,unused-ignore]
    """A person in town."""

    model: "PlainTown"

    def __init__(
        self,
        model: "PlainTown",
        sex: int,
        age: int,
        home: Home,
        native: bool = True,
        civil: int = NEVER,
        parity: int = 0,
        waiting: int = 0,
        tenure: int = 0,
    ) -> None:
        super().__init__(model)
        self.sex, self.age, self.native = sex, age, native
        self.civil, self.parity, self.waiting, self.tenure = civil, parity, waiting, tenure
        self.partner: Any = None  # these are residents, who may no longer be in town
        self.mother: Any = None
        self.father: Any = None
        self.home: Any = home  # a Home; None for those no longer in town
        home.members.append(self)
        self.cells = tuple(model.random.randrange(number) for number in model.groups)

    def move_to(self, home: Home | None) -> None:
        """Live in another home, or in none of this town."""
        if self.home is not None:
            self.home.members.remove(self)
        self.home = home
        if home is not None:
            home.members.append(self)

    def lives_with(self, other: "Resident | None") -> bool:
        """Whether somebody shares the home."""
        return other is not None and other.home is self.home

    def seek(self) -> None:
        """A wife may divorce; the unmarried may look for a partner or leave the parents' home."""
        if self.age < 16 or self.home.institution:
            return
        model = self.model
        if self.civil == MARRIED:
            if self.sex == FEMALE and self.partner and model.random.random() < model.tables.divorce[self.age]:
                model.parting.append(self)
            return
        hazards = model.tables.search[model.year][self.sex][0 if self.civil == NEVER else 1]
        if model.random.random() < hazards[self.age]:
            model.searching.append(self)
        elif GROWN <= self.age < 50 and not self.parity and self.lives_with(self.mother):
            self.leave_parents()

    def leave_parents(self) -> None:
        """A grown child without children may move into a home of her or his own."""
        if self.model.random.random() < self.model.tables.home[self.sex][self.age]:
            self.move_to(Home())

    def group(self, circle: int) -> tuple[int, int]:
        """The group of acquaintances in a circle; a school's holds three neighbouring years of birth."""
        return ((self.model.year - self.age) // SCHOOL_BAND if circle == 0 else 0, self.cells[circle])

    def is_kin(self, other: "Resident") -> bool:
        """Whether two people are parent and child, or children of one mother."""
        if self.mother is not None and self.mother is other.mother:
            return True
        return other in (self.mother, self.father) or self in (other.mother, other.father)

    def wed(self, wife: "Resident") -> None:
        """He marries; they found a home or live with his mother, and children who live with either come along."""
        model = self.model
        joins = self.mother is not None and self.mother.home is not None and not self.mother.home.institution
        joins = joins and model.random.random() < model.tables.with_parents
        new = self.mother.home if joins else Home()
        children = [child for parent in (self, wife) for child in parent.home.members if child.is_minor_of(parent)]
        self.partner, wife.partner = wife, self
        for one in (self, wife):
            one.civil, one.waiting = MARRIED, -1
        for one in (self, wife, *children):
            if one.home is not new:
                one.move_to(new)

    def divorce(self) -> None:
        """She stays with the children; he finds a home of his own."""
        man = self.partner
        self.civil = man.civil = DIVORCED
        self.partner = man.partner = None
        man.move_to(Home())

    def bear(self) -> None:
        """A woman of 15 to 49 may have a child."""
        if self.sex != FEMALE or not 15 <= self.age < 50:
            return
        tables, parity, draw = self.model.tables, min(self.parity, 3), self.model.random.random
        chance = tables.birth[self.model.year][self.civil == MARRIED][self.age][parity]
        if self.civil == MARRIED:
            chance *= tables.wait[min(parity, 1)][self.age][min(self.waiting + 1, 16)]
        if draw() < chance:
            child = Resident(self.model, MALE if draw() < tables.male_share else FEMALE, -1, self.home)
            child.mother, child.father = self, self.partner
            self.parity, self.waiting = self.parity + 1, -1
            self.model.births += 1

    def chance_to_leave(self, family: int) -> float:
        """The yearly probability that this adult wants to leave town."""
        tables = self.model.tables
        kin = self.mother is not None and self.mother.home is not None
        chance = tables.leave[self.model.year][self.sex][self.age][family] * tables.tie[kin]
        return float(min(chance * tables.stay[not self.native][min(self.tenure, 10)], LIKELIEST))

    def is_minor_of(self, parent: "Resident") -> bool:
        """Whether this is a minor child of somebody."""
        return self.age < GROWN and (self.mother is parent or self.father is parent)

    def leave(self) -> None:
        """An adult without a partner, or the wife for both, may leave town with those who depend on them."""
        home, partner = self.home, self.partner
        if self.age < ALONE_FROM or home is None or home.institution:
            return
        together = self.lives_with(partner)
        if together and self.sex == MALE:
            return
        lot = self.model.random.random()
        if lot >= LIKELIEST:
            return
        if len(home.members) == 1:
            family = ALONE
        elif (together or self.civil != NEVER or self.parity) and home.has_minors:
            family = WITH_PUPILS if home.has_pupils else WITH_PRESCHOOL
        else:
            family = COUPLE if together else WITH_OTHERS
        chance = self.chance_to_leave(family)
        if together:
            chance = (chance + partner.chance_to_leave(family)) / 2
        if lot < chance:
            adults = (self, partner) if together else (self,)
            children = [one for one in home.members if any(one.is_minor_of(adult) for adult in adults)]
            if not together and partner is not None:
                partner.partner = None  # lives apart
            for one in (*adults, *(child for child in children if child not in adults)):
                one.go()
                self.model.left += 1

    def go(self) -> None:
        """Be no longer in town."""
        self.move_to(None)
        self.remove()

    def face_death(self) -> None:
        """Die by age and sex; a partner is widowed."""
        if self.model.random.random() < self.model.tables.death[self.model.year][self.sex][self.age + 1]:
            if self.partner is not None:
                self.partner.civil, self.partner.partner = WIDOWED, None
            self.go()
            self.model.deaths += 1

    def grow_older(self) -> None:
        """A year passes."""
        self.age = min(self.age + 1, 100)
        self.tenure += 1
        self.waiting = min(self.waiting + 1, 60)


class PlainTown(mesa.Model):  # type: ignore[misc,type-arg,unused-ignore]
    """The residents of a founded town; a step is a year, and its balance of people is checked."""

    def __init__(self, tables: Tables, people: Population, seed: int) -> None:
        super().__init__(rng=seed)
        self.tables, self.year = tables, 0
        ages = people.persons.age[people.residents]
        adults = int(np.count_nonzero((ages >= GROWN) & (ages < 50)))
        self.groups = (max(adults * SCHOOL_BAND // 32 // MEET, 1), *(max(adults // MEET, 1),) * (CIRCLES - 1))
        self.searching: list[Resident] = []
        self.parting: list[Resident] = []
        self.births = self.deaths = self.left = self.arrived = self.weddings = 0
        self._settle(people)
        names = ("births", "deaths", "left", "arrived", "weddings")
        self.datacollector = mesa.DataCollector({"residents": lambda town: len(town.agents)} | {n: n for n in names})

    def _settle(self, people: Population) -> None:
        """Make everybody in town of the columns of a founding."""
        persons = people.persons
        homes: dict[int, Home] = {}
        at: dict[int, Resident] = {}
        for i in people.residents.tolist():
            h = int(persons.household[i])
            home = homes.setdefault(h, Home(people.households.kind[h] == INSTITUTION))
            numbers = (int(getattr(persons, name)[i]) for name in ("civil", "parity", "waiting", "tenure"))
            native = bool(persons.origin[i] == NATIVE)
            at[i] = Resident(self, int(persons.sex[i]), int(persons.age[i]), home, native, *numbers)
        for i, one in at.items():
            one.partner, one.mother, one.father = (
                at.get(int(link[i])) for link in (persons.partner, persons.mother, persons.father)
            )

    def step(self) -> None:
        """One year: partnership, births, leaving, arrivals, deaths, ageing."""
        before = len(self.agents)
        self.births = self.deaths = self.left = self.arrived = self.weddings = 0
        self.searching, self.parting = [], []
        self.agents.shuffle_do("seek")
        for wife in self.parting:
            wife.divorce()
        self.introduce()
        self.agents.do("bear")
        self.agents.shuffle_do("leave")
        self.welcome(self.tables.arrivals[self.year])
        self.agents.do("face_death")
        self.agents.do("grow_older")
        assert len(self.agents) == before + self.births + self.arrived - self.left - self.deaths
        self.year += 1
        self.datacollector.collect(self)

    def introduce(self) -> None:
        """In each circle the best acceptable pairs of every group marry, best first."""
        free = set(self.searching)
        for circle in range(CIRCLES):
            groups: dict[tuple[int, int], tuple[list[Resident], list[Resident]]] = defaultdict(lambda: ([], []))
            for one in self.searching:
                if one in free:
                    groups[one.group(circle)][one.sex].append(one)
            for men, women in groups.values():
                for _, man, woman in self.acceptable(men, women):
                    if man in free and woman in free:
                        free -= {man, woman}
                        man.wed(woman)
                        self.weddings += 1

    def acceptable(self, men: list[Resident], women: list[Resident]) -> list[tuple[float, Resident, Resident]]:
        """Pairs who accept each other with their margin, best first."""
        accept, draw = self.tables.accept, self.random.random
        pairs = []
        for man in men:
            for woman in women:
                margin = accept[min(max(man.age - woman.age, -20), 20) + 20] - draw()
                if margin > 0 and not man.is_kin(woman):
                    pairs.append((margin, man, woman))
        return sorted(pairs, key=lambda pair: pair[0], reverse=True)

    def welcome(self, rows: list[tuple[int, ...]]) -> None:
        """People from elsewhere move in, unit by unit, the one who leads first."""
        lead: Any = None
        unit = -1
        for age, sex, _, civil, parity, waiting, _, _, role, place, number in rows:
            if place == 0 or number != unit:
                home, unit = Home(), number
            one = Resident(self, sex, age, home, False, civil, parity, waiting, -1)
            if role == 0:
                lead = one
            elif role == 1:
                one.partner, lead.partner = lead, one
            else:
                parents = (lead, lead.partner) if lead.sex == FEMALE else (lead.partner, lead)
                one.mother, one.father = parents
            self.arrived += 1
