"""A layered layout: what leads to what stands left of it.

Cycles are opened at the edge that closes them, a node's layer is its longest way from a start, and each layer is sorted
by the middle of its neighbours a few times (Sugiyama's method, without extra points on long edges). Linear in edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

_SWEEPS = 6
Place = tuple[int, float]
"""(layer from the left, place from the top in rows)."""


def places(graph: nx.MultiDiGraph) -> dict[str, Place]:
    """Where each node stands."""
    followers = {node: sorted(set(graph.successors(node)) - {node}) for node in sorted(graph.nodes)}
    forward = _without_cycles(followers)
    layers = _layers(forward)
    rows = _ordered(layers, forward)
    highest = max((len(row) for row in rows), default=0)
    found: dict[str, Place] = {}
    for layer, row in enumerate(rows):
        offset = (highest - len(row)) / 2
        found.update({node: (layer, offset + index) for index, node in enumerate(row)})
    return found


def _without_cycles(followers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The same edges without those that lead back into the way by which they were reached."""
    forward: dict[str, list[str]] = {node: [] for node in followers}
    state: dict[str, int] = {}
    reached = {target for targets in followers.values() for target in targets}
    for start in sorted(followers, key=lambda node: (node in reached, node)):
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(followers[start]))]
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                state[node] = 2
                stack.pop()
            elif state.get(target) != 1:
                forward[node].append(target)
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(followers[target])))
    return forward


def _layers(forward: Mapping[str, list[str]]) -> dict[str, int]:
    waiting = dict.fromkeys(forward, 0)
    for targets in forward.values():
        for target in targets:
            waiting[target] += 1
    layers = {node: 0 for node, count in waiting.items() if not count}
    ready = list(layers)
    for node in ready:
        for target in forward[node]:
            layers[target] = max(layers.get(target, 0), layers[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return layers


def _ordered(layers: Mapping[str, int], forward: Mapping[str, list[str]]) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for node in sorted(layers):
        rows[layers[node]].append(node)
    backward: dict[str, list[str]] = {node: [] for node in forward}
    for node, targets in forward.items():
        for target in targets:
            backward[target].append(node)
    position = {node: float(index) for row in rows for index, node in enumerate(row)}
    for sweep in range(_SWEEPS):
        neighbours = backward if sweep % 2 == 0 else forward
        for row in rows if sweep % 2 == 0 else reversed(rows):
            row.sort(key=lambda node: (_middle(neighbours[node], position, position[node]), node))
            position.update({node: float(index) for index, node in enumerate(row)})
    return rows


def _middle(nodes: list[str], position: Mapping[str, float], own: float) -> float:
    return sum(position[node] for node in nodes) / len(nodes) if nodes else own
