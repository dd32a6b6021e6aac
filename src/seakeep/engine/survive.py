"""Disruptions tried one by one, each on a branch of one settled twin, and the survival score that they give."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from seakeep.engine.beside import beside
from seakeep.engine.platform import WEIGHT
from seakeep.engine.play import Decode, Player, unplaced
from seakeep.engine.rehearse import courses, settle
from seakeep.engine.score import value_of
from seakeep.engine.watch import Board, Watch, home
from seakeep.model.objects import Node, Pod
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Need, Shortage
from seakeep.model.scenario import BOUND, Step
from seakeep.model.score import Part, Score
from seakeep.model.survival import Disruption, Outcome, SinglePoint, Survival
from seakeep.twin.controllers.zones import zone_of
from seakeep.twin.observed import Observed
from seakeep.twin.state import State

FORMULA = (
    "Σ criticality × disruptions survived / disruptions tried / Σ criticality, over services and kinds of disruption "
    "(drain, loss, zone, upgrade, eviction)"
)
KINDS = ("drain", "loss", "zone", "upgrade", "eviction")


def standard(state: State, board: Board) -> list[Disruption]:
    """Each node drained, each lost, each zone lost, a rolling upgrade, each eviction. In order."""
    nodes = [node.name for node in state.all(Node)]
    return [
        *([Disruption("upgrade", tuple(nodes))] if nodes else []),
        *(Disruption("drain", (name,)) for name in nodes),
        *(Disruption("loss", (name,)) for name in nodes),
        *zones(state),
        *evictions(state, board),
    ]


def zones(state: State) -> list[Disruption]:
    return [Disruption("zone", (zone,)) for zone in sorted({zone_of(node)[1] for node in state.all(Node)} - {""})]


def pairs(state: State) -> list[Disruption]:
    return [Disruption("pair", pair) for pair in combinations([node.name for node in state.all(Node)], 2)]


def evictions(state: State, board: Board) -> list[Disruption]:
    """Ready pods of one workload with equal labels leave the same number behind, and their budgets count the same: one stands for all of them."""
    alike: dict[tuple[Ref, frozenset[tuple[str, str]]], list[Pod]] = defaultdict(list)
    for namespace, name in sorted(board.ready):
        pod = state.get(Pod, namespace, name)
        workload = board.ready[namespace, name]
        need = board.needs.get(workload)
        if pod is None or need is None or _mirrored(pod):
            continue
        labels = frozenset(item for item in pod.labels.items() if item[0] not in _POD_OWN)
        alike[workload, labels].append(pod)
    return [
        Disruption("eviction", (f"{pods[0].namespace}/{pods[0].name}",), len(pods))
        for _, pods in sorted(alike.items(), key=lambda entry: (entry[0][0], entry[1][0].name))
    ]


# Labels that tell the pods of one set apart, and that no budget of the whole set selects by.
_POD_OWN = frozenset({"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"})


def _mirrored(pod: Pod) -> bool:
    """A static pod: the API server's copy may go, the kubelet's container stays."""
    return "kubernetes.io/config.mirror" in pod.metadata.annotations or any(
        owner.kind == "Node" for owner in pod.metadata.owner_references
    )


def attempt(
    base: Observed,
    platform: Platform,
    board: Board,
    disruption: Disruption,
    decode: Decode,
    failing: Sequence[Pod] = (),
    *,
    for_score: bool = False,
) -> Outcome:
    """On a branch: the base is as it was. The base's `failing` pods need not be played where the disruption is elsewhere.

    `for_score`: no more is wanted than what the score is made of; an eviction has cost its service then as soon as too few pods are ready, however it goes on.
    """
    held = [pod for pod in failing if _spares(disruption, pod)]
    return beside(base, held, lambda twin: _attempted(twin, platform, board, disruption, decode, for_score))


def _spares(disruption: Disruption, pod: Pod) -> bool:
    if disruption.kind in {"drain", "loss", "pair"}:
        return pod.spec.node_name not in disruption.targets
    return disruption.kind == "eviction"


def _attempted(
    twin: Observed, platform: Platform, board: Board, disruption: Disruption, decode: Decode, for_score: bool
) -> Outcome:
    watch = Watch(board, twin)
    watch.begin()
    try:
        return _tried(twin, watch, platform, disruption, decode, for_score)
    finally:
        # Watch and twin would keep each other; a command looks for no cycles, and thousands of branches would stay.
        twin.seen = None


def _tried(
    twin: Observed, watch: Watch, platform: Platform, disruption: Disruption, decode: Decode, for_score: bool
) -> Outcome:
    player = Player(twin, decode)
    own = _service_of(twin.state, watch.board, disruption) if for_score and disruption.kind == "eviction" else ""
    player.play(_step(disruption))
    if disruption.kind == "eviction" and player.refusals:
        return Outcome(disruption, refused=True, refusals=tuple(player.refusals))
    stuck, _ = settle(twin, BOUND, lambda: bool(own) and any(item.service == own for item in watch.shortages()))
    watch.look()
    timeline = courses(platform, watch) if disruption.kind == "upgrade" else ()
    refusals = tuple(player.refusals)
    homeless = dict(sorted((watch.home(ref), item.message) for ref, item in unplaced(twin.state)))
    return Outcome(
        disruption, watch.shortages(), refusals, False, stuck, watch.elapsed, timeline, tuple(homeless.items())
    )


def _step(disruption: Disruption) -> Step:
    match disruption.kind:
        case "drain" | "upgrade":
            return Step(disruption.kind, disruption.targets)
        case "zone":
            return Step("lose", disruption.targets, options={"zones": disruption.targets})
        case "eviction":
            return Step("evict", disruption.targets)
    return Step("lose", disruption.targets)


def survival(
    source: str,
    platform: Platform,
    board: Board,
    outcomes: Sequence[Outcome],
    state: State,
    *,
    scored: bool = True,
) -> Survival:
    """The score and what lies behind it. Unknown where nothing could be tried, and where not all that it is made of was tried."""
    down = {need.service for workload, need in board.needs.items() if board.counts.get(workload, 0) < need.needed}
    parts = _parts(platform, board, outcomes, state, down) if scored else []
    known = [service for service in platform.services if service.state != "waived"]
    weight = sum(service.weight for service in known)
    judged = {part.name for part in parts}
    coverage = sum(service.weight for service in known if service.id in judged) / weight if weight else 0.0
    note = f"below its need from the start: {', '.join(sorted(down))}" if down else ""
    if not scored:
        note = "only the losses asked for were tried, of which no score is made"
    score = Score("survival", value_of(parts), FORMULA, tuple(parts), round(coverage, 4), note)
    needs = tuple(board.needs[ref] for ref in sorted(board.needs))
    return Survival(
        source,
        score,
        needs,
        points(platform, board.needs, outcomes),
        tuple(outcomes),
        tuple(sorted(down)),
    )


def _parts(platform: Platform, board: Board, outcomes: Sequence[Outcome], state: State, down: set[str]) -> list[Part]:
    """One part per service and kind of disruption. A service that was below its need before survives nothing."""
    tally = _Tally(outcomes, state, board)
    with_needs = {need.service for need in board.needs.values()}
    parts = []
    for service in platform.services:
        if service.id not in with_needs:
            continue
        for kind in KINDS:
            whole, lost = tally.of(kind, service.id)
            if not whole:
                continue
            got = 0.0 if service.id in down else round((whole - lost) / whole, 6)
            note = f"{service.criticality}, {0 if service.id in down else whole - lost} of {whole} survived"
            parts.append(Part(service.id, kind, service.weight, got, 1, note))
    return parts


class _Tally:
    """Disruptions tried, and those that took a service below its need. An eviction is tried on the pod's own service."""

    def __init__(self, outcomes: Sequence[Outcome], state: State, board: Board) -> None:
        self._whole: Counter[tuple[str, str]] = Counter()
        self._lost: Counter[tuple[str, str]] = Counter()
        for item in outcomes:
            kind, times, short = item.disruption.kind, item.disruption.times, {each.service for each in item.short}
            if kind != "eviction":
                self._whole[kind, ""] += times
                self._lost.update({(kind, service): times for service in short})
            elif not item.refused and (owner := _service_of(state, board, item.disruption)):
                self._whole[kind, owner] += times
                self._lost[kind, owner] += times if owner in short else 0

    def of(self, kind: str, service: str) -> tuple[int, int]:
        return self._whole[kind, service if kind == "eviction" else ""], self._lost[kind, service]


def _service_of(state: State, board: Board, disruption: Disruption) -> str:
    namespace, _, name = disruption.targets[0].partition("/")
    pod = state.get(Pod, namespace, name)
    need = board.needs.get(home(state, board.owners, pod)) if pod is not None else None
    return need.service if need is not None else ""


def points(platform: Platform, needs: Mapping[Ref, Need], outcomes: Sequence[Outcome]) -> tuple[SinglePoint, ...]:
    """By workload: what falls below its need when one node or one pod goes. The most critical first, then those that do not come back."""
    criticality = {service.id: service.criticality for service in platform.services}
    found: dict[Ref, list[tuple[Disruption, Shortage]]] = defaultdict(list)
    for item in outcomes:
        if item.disruption.kind in {"loss", "drain", "eviction"}:
            for short in item.short:
                found[short.workload].append((item.disruption, short))
    listed = []
    for workload, hits in found.items():
        need = needs[workload]
        worst = max((short for _, short in hits), key=lambda short: (not short.recovered, short.seconds, -short.lowest))
        listed.append(
            SinglePoint(
                need.service,
                criticality.get(need.service, "normal"),
                workload,
                need.needed,
                need.intended,
                tuple(disruption for disruption, _ in hits),
                worst,
            )
        )
    return tuple(
        sorted(
            listed,
            key=lambda item: (
                -WEIGHT[item.criticality],
                item.worst.recovered,
                -item.worst.seconds,
                item.workload,
            ),
        )
    )
