"""Laws of the metadata beside the packages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snapshots.comps import held_comps
from tests.support.comps import comps, environment, group

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
