"""A YAML loader that refuses a key that stands twice in one mapping: the first of them would be lost without a word."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml


class UniqueKeyLoader(yaml.SafeLoader):
    """The safe loader of YAML, for mappings whose keys are unique."""

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
