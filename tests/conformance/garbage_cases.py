"""Sequences of operations on objects that own each other, drawn by seed: the same seed gives the same sequence."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

# Where an owner is: an object of the case, one in another namespace, one of the cluster, one that there never was, or one whose uid is another object's.
ELSEWHERE, CLUSTER, MISSING, MISNAMED = "elsewhere", "cluster", "missing", "misnamed"
HOLD = "example.com/hold"
KINDS = ("ConfigMap", "Secret", "ServiceAccount")


@dataclass(frozen=True, slots=True)
class Owner:
    """By number, or in one of the other places; `blocks` None leaves blockOwnerDeletion out."""

    number: int = -1
    place: str = ""
    blocks: bool | None = None


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    kind: str
    owners: tuple[Owner, ...] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`what` happens to the item of that number."""

    what: str
    number: int
    propagation: str = "Background"
    owners: tuple[Owner, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    items: tuple[Item, ...]
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        return f"gc-{self.seed}"


def case(seed: int) -> Case:
    random = Random(seed)
    count = random.randint(2, 7)
    items = tuple(
        Item(number, random.choice(KINDS), _owners(random, number, number), random.random() < 0.2)
        for number in range(count)
    )
    steps = tuple(_step(random, count) for _ in range(random.randint(2, 5)))
    return Case(seed, items, steps)


def _owners(random: Random, number: int, below: int) -> tuple[Owner, ...]:
    """Of the items with a lower number than `below`, besides itself."""
    others = [each for each in range(below) if each != number]
    found: list[Owner] = []
    for each in random.sample(others, min(len(others), random.choice([0, 1, 1, 1, 2]))):
        found.append(Owner(each, blocks=random.choice([True, True, False, None])))
    if random.random() < 0.12:
        place = random.choice([ELSEWHERE, CLUSTER, CLUSTER, MISSING, MISNAMED])
        found.append(Owner(place=place, blocks=random.choice([True, None])))
    return tuple(found)


def _step(random: Random, count: int) -> Step:
    number = random.randrange(count)
    roll = random.random()
    if roll < 0.6:
        return Step("delete", number, random.choice(["Background", "Foreground", "Foreground", "Orphan"]))
    if roll < 0.75:
        return Step("own", number, owners=_owners(random, number, count))  # cycles, too
    if roll < 0.85:
        return Step("release", number)
    if roll < 0.95:
        return Step("again", number)
    return Step("uncluster", 0)
