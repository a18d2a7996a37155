"""Laws of the metadata beside the packages."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from snapshots.repodata.comps import held_comps
from snapshots.repodata.modules import held_modules
from tests.support.comps import comps, default_stream, environment, group, module

HELD = "abc"
UNHELD = "xyz"
BLANKS = st.sampled_from(["", "\n", "\n    ", "<!-- remark -->", "\n<!-- a -->\t"])
EXTRAS = st.lists(st.sampled_from(UNHELD), max_size=3, unique=True)


@st.composite
def upstreams(draw: st.DrawFn, groups: tuple[tuple[str, ...], ...]) -> bytes:
    """Return comps with these groups of held packages, of several forms, and more that is not held."""
    parts = []
    for number, members in enumerate(groups):
        parts.append(group(f"g{number}", mandatory=(*members, *draw(EXTRAS))))
        if unheld := draw(EXTRAS):
            parts.append(group(f"gone{number}", optional=unheld))
            parts.append(environment(f"lost{number}", [f"gone{number}"]))
    gone = {f"gone{number}": True for number in range(len(groups)) if draw(st.booleans())}
    parts += [group(name, optional=UNHELD) for name in gone if f"<id>{name}<" not in "".join(parts)]
    parts.append(environment("e", [f"g{number}" for number in range(len(groups))], gone))
    text = comps(*parts).replace("<optionlist></optionlist>", "")
    return text.replace("><", f">{draw(BLANKS)}<").encode()


@given(st.lists(st.lists(st.sampled_from(HELD), min_size=1, unique=True).map(tuple), min_size=1, max_size=3), st.data())
def test_comps_limited_to_the_same_names_are_the_same_bytes(groups: list[tuple[str, ...]], data: st.DataObject) -> None:
    one, other = (held_comps(data.draw(upstreams(tuple(groups))), HELD) for _ in range(2))
    assert one == other
    assert one == held_comps(one, HELD)
    assert one


HELD_MODULES = (
    module("app", "1.10", ["app-0:1-1.noarch"]),
    module("app", "1.9", ["app-0:0-1.noarch"]),
    default_stream("app", "1.9"),
    module("other", "1", ["other-0:1-1.noarch"]),
)
MORE_MODULES = (
    module("app", "2", ["app-0:2-1.noarch"]),
    default_stream("gone", "1"),
    module("gone", "1", ["gone-0:1-1.noarch"]),
)
NEVRAS = ("app-1-1.noarch", "app-0-1.noarch", "other-1-1.noarch")


@given(st.lists(st.sampled_from(MORE_MODULES)), st.sampled_from(["", "\n", "# remark\n"]), st.randoms())
def test_modules_limited_to_the_same_packages_are_the_same_bytes(more: list[str], between: str, order: Random) -> None:
    documents = [*HELD_MODULES, *more]
    order.shuffle(documents)
    assert held_modules(between.join(documents).encode(), NEVRAS) == "".join(sorted(HELD_MODULES)).encode()
