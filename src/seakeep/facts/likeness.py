"""Names and labels that look alike: what somebody may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import zip_longest

from seakeep.model.pattern import late

# Labels that tell versions and templates apart, not what a pod is.
UNSTABLE_LABELS = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "version",
        "helm.sh/chart",
        "app.kubernetes.io/version",
    }
)
# Labels that everything of one release, team or tier shares.
SHARED_LABELS = frozenset(
    {
        "app.kubernetes.io/instance",
        "app.kubernetes.io/managed-by",
        "app.kubernetes.io/part-of",
        "release",
        "heritage",
        "chart",
        "tier",
        "env",
        "environment",
        "team",
        "project",
        "istio.io/rev",
    }
)
_SUFFIX = late(
    r"-(?:service|svc|headless|hl|deployment|deploy|server|srv|cluster|master|primary|leader|rw|external|internal|lb|nodeport|http|bootstrap)$"
)


def stem(name: str) -> str:
    """A name without the endings that Services and Deployments of one thing differ by."""
    while (shorter := _SUFFIX.sub("", name)) != name:
        name = shorter
    return name


def same_name(one: str, two: str) -> bool:
    """`orders`, `orders-svc` and `orders-deployment` mean the same."""
    return stem(one) == stem(two)


def squeezed(name: str) -> str:
    """Lower case, letters and digits only: `PRODUCT_CATALOG_SERVICE` and `productcatalogservice` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def near(one: str, two: str) -> bool:
    """Alike but not the same: one is the other with something before or behind it, or they differ in few characters of many."""
    if one == two or not one or not two:
        return False
    short, long = sorted((one, two), key=len)
    if (
        len(short) >= 3
        and (long.startswith(short) or long.endswith(short))
        and len(long) - len(short) <= max(len(short), 8)
    ):
        return True
    return is_slip(one, two)


@lru_cache(maxsize=16_384)  # selectors are held against the same labels after each change
def is_slip(one: str, two: str) -> bool:
    """A typing error: one edit in four characters or more, two in six, three in twelve; digits that number things apart are none."""
    if one == two or re.sub(r"\d+", "#", one) == re.sub(r"\d+", "#", two):
        return False
    length = min(len(one), len(two))
    allowed = 0 if length < 4 else 1 if length < 6 else 2 if length < 12 else 3
    return abs(len(one) - len(two)) <= allowed and edit_distance(one, two) <= allowed


def is_short_for(short: str, long: str) -> bool:
    """`db` for `database`, `pg` for `postgres`: the same first letter, and the others in their order."""
    if len(short) < 2 or len(short) > len(long) // 2 or short[0] != long[0]:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def abbreviates(one: str, two: str) -> bool:
    """The same words but for one, which is short for the other's: `app-cfg` and `app-config`."""
    pairs = [
        (left, right) for left, right in zip_longest(one.split("-"), two.split("-"), fillvalue="") if left != right
    ]
    return len(pairs) == 1 and (is_short_for(*pairs[0]) or is_short_for(*reversed(pairs[0])))


def leaves_out_a_word(one: str, two: str) -> bool:
    """`orders-active` for `orders-eu-active`: the same words but for one in the middle, on either side."""
    short, long = sorted((one.split("-"), two.split("-")), key=len)
    if len(short) < 2 or len(long) != len(short) + 1 or (short[0], short[-1]) != (long[0], long[-1]):
        return False
    return any(long[:place] + long[place + 1 :] == short for place in range(1, len(long) - 1))


def edit_distance(one: str, two: str) -> int:
    """Levenshtein distance of two short names, swapped neighbours counting once."""
    before: list[int] = []
    previous = list(range(len(two) + 1))
    for row, left in enumerate(one, start=1):
        current = [row]
        for column, right in enumerate(two, start=1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (left != right))
            if row > 1 and column > 1 and left == two[column - 2] and one[row - 2] == right:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The candidate that the name is most likely a slip of, "" where none is near."""
    found = [(edit_distance(name, item), item) for item in candidates if is_slip(name, item) or near(name, item)]
    return min(found)[1] if found else ""
