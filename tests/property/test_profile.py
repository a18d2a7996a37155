"""Laws of profiles: escaping, the forms of one document, and what survives any input."""

from __future__ import annotations

import base64
import gzip
import json
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spma.errors import ProfileError
from spma.profile.delivery import read_tree
from spma.profile.escape import escape, unescape
from spma.profile.reading import read_profile
from spma.profile.tree import Tree
from tests.support.canonical import canonical_profile
from yumbridge.desired.policy import Policy
from yumbridge.desired.state import DesiredState

LATIN_1 = st.text(st.characters(max_codepoint=0xFF))
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
KEYS = st.from_regex(r"[a-z_][a-z0-9_.-]{0,8}", fullmatch=True)
SCALARS = st.one_of(
    st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), PRINTABLE
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)


@given(LATIN_1)
def test_unescape_undoes_escape(text: str) -> None:
    """`unescape(escape(x)) == x`."""
    assert unescape(escape(text)) == text


@given(LATIN_1)
def test_an_escaped_text_is_a_word_that_does_not_begin_with_a_digit(text: str) -> None:
    """Keys hold letters, digits and underscores only, and never begin as a list index does."""
    assert escape(text).isidentifier()
    assert escape(text).isascii()


def as_xml(tree: Tree, attributes: str = "") -> str:
    """Render a tree as pan's PanFormatter does."""
    match tree:
        case dict():
            inner = "".join(as_xml(value, f" name={quoteattr(key)}") for key, value in tree.items())
            return f"<nlist{attributes}>{inner}</nlist>"
        case list():
            return f"<list{attributes}>{''.join(map(as_xml, tree))}</list>"
        case bool():
            return f"<boolean{attributes}>{str(tree).lower()}</boolean>"
        case int():
            return f"<long{attributes}>{tree}</long>"
        case float():
            return f"<double{attributes}>{tree!r}</double>"
        case str() if tree.isascii() and tree.isprintable():
            return f"<string{attributes}>{xml_escape(tree)}</string>"
        case str():
            encoded = base64.b64encode(tree.encode()).decode()
            return f'<string{attributes} encoding="base64">{encoded}</string>'
        case _:
            raise AssertionError(tree)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_every_form_of_a_profile_gives_the_same_tree(tree: dict[str, Tree]) -> None:
    """JSON (plain or gzip) or XML (`format="pan"`): one tree."""
    text = json.dumps(tree).encode()

    assert read_tree(text) == tree
    assert read_tree(gzip.compress(text)) == tree
    assert read_tree(as_xml(tree, ' format="pan" name="profile"').encode()) == tree


VERSIONS = st.sampled_from(["1.0-1", "2:1.0-1.el9", "2.0", "1.*", "*", "", "5.14.0-427.13.1.el9_4"]).map(escape)
ARCHES = st.dictionaries(
    st.sampled_from(["x86_64", "i686", "noarch", "_"]), st.sampled_from(["", "base", "gone"]), max_size=3
)
FORMS = st.dictionaries(VERSIONS, st.one_of(st.just({}), ARCHES.map(lambda each: {"arch": each})), max_size=3)
NAMES = st.one_of(
    st.sampled_from(["kernel", "7zip", "libstdc++", "kernel*", "glibc.i686", "python3-lxml_x", "*-devel"]).map(escape),
    st.just("kernel-tools"),
)
PACKAGES: st.SearchStrategy[Tree] = st.one_of(
    st.dictionaries(NAMES, FORMS, min_size=1, max_size=5),
    st.just({"_40core": {}}),
)
REPOSITORIES = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["base", "extras", "x.y-z"]),
            "protocols": st.lists(
                st.fixed_dictionaries(
                    {"name": st.just("https"), "url": st.sampled_from(["https://h:8443/a", "file:///srv/a"])},
                    optional={"cacert": st.just("/ca.pem"), "verify": st.booleans()},
                ),
                min_size=1,
                max_size=3,
            ),
        },
        optional={
            "enabled": st.booleans(),
            "priority": st.integers(1, 99),
            "gpgcheck": st.booleans(),
            "gpgkey": st.just(["file:///key"]),
            "excludepkgs": st.just(["a*", "b"]),
            "proxy": st.sampled_from(["", "http://own:3128"]),
            "skip_if_unavailable": st.booleans(),
            "module_hotfixes": st.booleans(),
        },
    ),
    max_size=3,
    unique_by=lambda repository: str(repository["name"]),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "userpkgs": st.sampled_from(["yes", "no"]),
        "process_obsoletes": st.booleans(),
        "whitelist": st.just(["hp-*"]),
        "filter": st.just("^kernel"),
        "excludes": st.just(["z", "y"]),
        "main_options": st.fixed_dictionaries(
            {}, optional={"best": st.integers(0, 1), "retries": st.integers(0, 9), "exclude": st.just(["a"])}
        ),
        "packager": st.sampled_from(["yum", "yumng", "yumdnf"]),
        "proxy": st.sampled_from(["yes", "no"]),
        "proxyhost": st.sampled_from(["p1", "p1,p2"]),
        "proxyport": st.just("3128"),
        "proxytype": st.sampled_from(["forward", "reverse"]),
        "modules": st.booleans(),
        "repository_cleanup": st.booleans(),
        "reposdirs": st.just(["/srv/repos", "/etc/b"]),
        "plugins": st.sampled_from(
            [
                {"versionlock": {"enabled": False, "locklist": "/etc/locks", "follow_obsoletes": True}},
                {"fastestmirror": {"enabled": True, "exclude": ["a", "b"], "always_print_best_host": False}},
                {"subscription-manager": {"enabled": True, "disable_system_repos": False}},
            ]
        ),
        "dnfconf": st.sampled_from(
            [
                "[main]\nkeepcache=1\nexclude=x, y\n  z\nuser_agent=a b\n",
                "best=True\ninstall_weak_deps=off\nproxy=http://u:p@h:3128/\ntimeout=2m\n",
                "allow_vendor_change=no\ninstallonly_limit=5\nretries=1\nreposdir=/a\n",
            ]
        ),
        "quattor_os_file": st.just("/etc/quattor-release"),
        "quattor_os_release": st.just("9.4-1"),
    },
)
MODULES = st.dictionaries(
    st.sampled_from(["nodejs", "_3389_2dds"]),
    st.fixed_dictionaries({"stream": st.sampled_from(["18", "1.4"])}, optional={"enable": st.booleans()}),
)
GROUPS = st.dictionaries(
    st.sampled_from(["core", "base_2dx"]),
    st.dictionaries(st.sampled_from(["mandatory", "default", "optional"]), st.booleans()),
)
PROFILES = st.fixed_dictionaries(
    {
        "packages": PACKAGES,
        "repositories": REPOSITORIES,
        "modules": MODULES,
        "groups": GROUPS,
        "components": st.fixed_dictionaries({"spma": OPTIONS}),
    }
)


def state_of(tree: Tree) -> DesiredState:
    return read_profile(json.dumps(tree).encode()).desired_state(Policy(excludes=("from-the-host",)))


def without_origins(state: DesiredState) -> object:
    """Return what a state means, wherever it was written."""
    return (
        sorted(
            (each.name, each.evr or "", each.arch or "", each.repo_id or "", each.member_types) for each in state.specs
        ),
        [(each.repo_id, each.urls, str(each).partition(", origin=")[0]) for each in state.repositories],
        sorted((each.name, each.stream, each.enabled) for each in state.modules),
        state.policy,
        state.network,
        state.configuration,
    )


@given(PROFILES)
def test_the_canonical_profile_means_the_same(tree: Tree) -> None:
    """profile -> desired state -> canonical profile -> same desired state."""
    state = state_of(tree)
    canonical = canonical_profile(state)
    again = state_of(canonical)

    assert without_origins(again) == without_origins(state)
    assert canonical_profile(again) == canonical
    assert state_of(canonical_profile(again)) == again


def backwards(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: backwards(value) for key, value in reversed(tree.items())}
    return [backwards(value) for value in tree] if isinstance(tree, list) else tree


@given(PROFILES)
def test_the_order_of_keys_means_nothing(tree: Tree) -> None:
    """A plan is deterministic: dicts of a profile have no order."""
    assert read_profile(json.dumps(tree).encode()) == read_profile(json.dumps(backwards(tree)).encode())


PARTS = st.dictionaries(
    st.sampled_from(["packages", "repositories", "components", "groups", "modules"]),
    st.one_of(TREES, st.just(None), st.dictionaries(st.sampled_from(["spma", "yumbridge", "names"]), TREES)),
    min_size=1,
)


@given(PARTS)
def test_a_profile_of_any_shape_is_read_or_refused_with_paths(tree: dict[str, Tree]) -> None:
    """Bad input: every problem with its path, no traceback."""
    try:
        profile = read_profile(json.dumps(tree).encode())
    except ProfileError as error:
        lines = error.details
        assert lines
    else:
        lines = tuple(map(str, profile.warnings))
    assert all(line.startswith("/software/") and "\n" not in line for line in lines)


@given(st.binary(max_size=200), st.sampled_from([b"", b"{", b"<", b"\x1f\x8b\x08", b'<nlist format="pan">']))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes, start: bytes) -> None:
    """A profile that is not JSON or XML, or truncated: no traceback."""
    with pytest.raises(ProfileError) as caught:
        read_profile(start + data)
    assert "\n" not in caught.value.message


@given(PROFILES, st.data())
def test_a_truncated_profile_is_refused(tree: Tree, data: st.DataObject) -> None:
    """Every beginning of a profile but the whole is refused, in every form."""
    text = json.dumps(tree).encode()
    for whole in (text, gzip.compress(text), as_xml(tree, ' format="pan"').encode()):
        end = data.draw(st.integers(0, len(whole) - 1))
        with pytest.raises(ProfileError):
            read_profile(whole[:end])
