"""The syntax of a recipe: the part of YAML that it may use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml


class UnreadableError(Exception):
    """A text is not of that part of YAML."""


def loaded(text: str) -> object:
    """Return what YAML holds, dates as the text they are. Raises UnreadableError."""
    import yaml

    try:
        return _loader_of(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UnreadableError(f"{where}{error.problem}") from error
    except RecursionError as error:
        raise UnreadableError("too deep") from error
    # Also ValueError: a number too long to convert.
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableError(" ".join(str(error).split())) from error


def _loader_of(text: str) -> yaml.SafeLoader:
    import yaml

    from yumbridge.unique_keys import UniqueKeyLoader

    class Loader(UniqueKeyLoader):
        """The loader of configuration, less what loses what was written or stands for more than is there."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                # A few lines of them stand for any amount.
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.composer.ComposerError(None, None, "there are no aliases in a recipe", mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as the loader calls it
            keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            for key, count in keys.items():
                if count > 1:
                    raise yaml.constructor.ConstructorError(None, None, f"{key} stands there twice", node.start_mark)
            return super().construct_mapping(node, deep)

        def construct_date(self, node: yaml.ScalarNode) -> str:
            return str(node.value)

    Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_date)
    return Loader(text)
