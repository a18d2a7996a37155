"""A YAML loader that refuses what would be lost without a word, and what is larger than it looks.

A key that stands twice in one mapping would lose the first of them. Anchors make little text stand for much.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

import yaml

MOST_NODES: Final = 50_000
"""How many keys and values a document may stand for, each counted wherever an anchor repeats it. So many are read in
some three seconds."""

MOST_LEVELS: Final = 100
"""How deep a document may nest."""

_TOO_MANY: Final = f"it stands for more than {MOST_NODES} values"
_TOO_DEEP: Final = f"it nests deeper than {MOST_LEVELS} levels"


class UniqueKeyLoader(yaml.SafeLoader):
    """The safe loader of YAML, for mappings whose keys are unique and for documents that are not larger than they look.

    ConstructorError says why a document is refused.
    """

    composed = 0
    """How many nodes were read."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node. Raises ConstructorError: there were too many before it."""
        self.composed += 1
        if self.composed > MOST_NODES:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise _refused(mark.line, _TOO_MANY)
        return super().compose_node(parent, index)

    def get_single_node(self) -> yaml.Node | None:
        """Return the root of the only document. Raises ConstructorError: it stands for too much, or nests too deep."""
        node = super().get_single_node()
        if node is not None:
            _nodes_below(node, {}, MOST_LEVELS)
        return node

    def refuse_set(self, node: yaml.Node) -> object:
        """Raise ConstructorError: a set has no order, and what is read from it would differ from run to run."""
        line = node.start_mark.line + 1
        raise yaml.constructor.ConstructorError(problem=f"a set has no order, in line {line}: write a list")

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - yaml's signature
        """Return a mapping. Raises ConstructorError: a key stands twice."""
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            line = key.start_mark.line + 1
            if key.value in seen:
                problem = f"{key.value} stands twice, in lines {seen[key.value]} and {line}"
                raise yaml.constructor.ConstructorError(problem=problem)
            seen[key.value] = line
        return super().construct_mapping(node, deep)


UniqueKeyLoader.add_constructor("tag:yaml.org,2002:set", UniqueKeyLoader.refuse_set)


def _nodes_below(node: yaml.Node, known: dict[int, tuple[int, int]], levels: int) -> tuple[int, int]:
    """Return how many values a node stands for, and how many levels; `known` has those of nodes that were counted.

    Raises ConstructorError: it has too many of either, which is also so of an anchor that holds itself.
    """
    counted = known.get(id(node))
    if counted is None:
        if levels < 1:
            raise _refused(node.start_mark.line, _TOO_DEEP)
        nodes, deepest = 1, 0
        for child in _children(node):
            below, depth = _nodes_below(child, known, levels - 1)
            nodes, deepest = nodes + below, max(deepest, depth)
            if nodes > MOST_NODES:
                raise _refused(node.start_mark.line, _TOO_MANY)
        known[id(node)] = counted = (nodes, deepest + 1)
    if counted[1] > levels:
        raise _refused(node.start_mark.line, _TOO_DEEP)
    return counted


def _children(node: yaml.Node) -> list[yaml.Node]:
    match node:
        case yaml.MappingNode():
            return [each for pair in node.value for each in pair]
        case yaml.SequenceNode():
            return list(node.value)
        case _:
            return []


def _refused(line: int, why: str) -> yaml.constructor.ConstructorError:
    """Return the error of a document; lines are counted from 0."""
    return yaml.constructor.ConstructorError(problem=f"{why}, in line {line + 1}")
