"""The site's own configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from yumbridge.config import Configuration, read_configuration, read_layer
from yumbridge.desired.policy import Policy
from yumbridge.engine.child import EngineChoice
from yumbridge.errors import ConfigError

HALF = "half a character (a lone surrogate) is no text"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def details(root: Path, text: str) -> list[str]:
    file = write(root / "c.yaml", text)
    with pytest.raises(ConfigError) as caught:
        read_configuration(root, file)
    return [detail.removeprefix(f"{file}: ") for detail in caught.value.details]


def test_a_root_without_configuration_has_the_default_policy(tmp_path: Path) -> None:
    assert read_configuration(tmp_path).applied_to(Policy()) == Policy()


def test_names_add_up_over_the_layers_and_the_rest_replaces(tmp_path: Path) -> None:
    write(tmp_path / "etc/yumbridge/config.yaml", "policy: {protected: [a], installonly_limit: 2}")
    write(tmp_path / "etc/yumbridge/conf.d/10.yaml", "policy: {protected: [b], installonly_limit: 5}")
    policy = read_configuration(tmp_path).applied_to(Policy())
    assert (policy.protected, policy.installonly_limit) == (("a", "b"), 5)


def test_conf_d_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    write(tmp_path / "etc/yumbridge/conf.d/20.yaml", "policy: {weak_deps: false}")
    write(tmp_path / "etc/yumbridge/conf.d/10.yaml", "policy: {weak_deps: true}")
    assert not read_configuration(tmp_path).applied_to(Policy()).weak_deps


def test_a_named_file_replaces_the_system_files(tmp_path: Path) -> None:
    write(tmp_path / "etc/yumbridge/config.yaml", "policy: {protected: [a]}")
    file = write(tmp_path / "mine.yaml", "policy: {protected: [b]}")
    assert read_configuration(tmp_path, file).applied_to(Policy()).protected == ("b",)


def test_what_the_root_protects_for_dnf_is_protected(tmp_path: Path) -> None:
    write(tmp_path / "etc/dnf/protected.d/sudo.conf", "# a comment\n  # another\nsudo\n\n")
    assert read_configuration(tmp_path).applied_to(Policy()).protected == ("sudo",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("policy: {installonly_limit: x}", "policy.installonly_limit: want int, got str", id="type"),
        pytest.param("policy: {installonly_limit: -1}", "policy.installonly_limit: may not be negative", id="negative"),
        pytest.param(
            "policy: {installonly_limit: 1}",
            "policy.installonly_limit: dnf does not allow 1: want 0 (no limit) or at least 2",
            id="one-build",
        ),
        pytest.param('policy: {protected: [b, "a\\ud800"]}', f"policy.protected: {HALF}", id="surrogate"),
        pytest.param('policy: {"a\\ud800": 1}', r"policy.a\ud800: unknown key", id="surrogate-in-policy"),
        pytest.param('"a\\ud800": 1', r"a\ud800: unknown key", id="surrogate-in-key"),
        pytest.param('store: "a\\ud800"', f"store: {HALF}", id="surrogate-in-store"),
        pytest.param("policy: {surprise: 1}", "policy.surprise: unknown key", id="unknown-policy"),
        pytest.param("surprise: 1", "surprise: unknown key", id="unknown-key"),
        pytest.param("holds: {packages: [a]}", "holds: want a list of holds", id="holds-shape"),
        pytest.param("holds: [a]", "holds[0]: want a mapping of keys", id="hold-shape"),
        pytest.param("holds: [{why: x}]", "holds[0].packages: missing", id="hold-of-nothing"),
        pytest.param("holds: [{packages: []}]", "holds[0].packages: names no package", id="hold-empty"),
        pytest.param("holds: [{packages: [a], utnil: x}]", "holds[0].utnil: unknown key", id="hold-key"),
        pytest.param(
            "holds: [{packages: [a b]}]",
            "holds[0].packages: 'a b' is no name of a package, nor a glob on names",
            id="hold-name",
        ),
        pytest.param(
            "holds: [{packages: [a], until: later}]",
            "holds[0].until: want boot, or a mapping that is a condition",
            id="hold-until",
        ),
        pytest.param("holds: [{packages: [a], source: 3}]", "holds[0].source: want bool, got int", id="hold-type"),
        pytest.param(
            "holds: [{packages: [a], except: {severity: high}}]",
            "holds[0].except.severity: want array, got str",
            id="hold-exception",
        ),
        pytest.param(
            'holds: [{packages: [a], except: {types: ["a\\ud800"]}}]',
            f"holds[0].except.types: {HALF}",
            id="hold-surrogate",
        ),
        pytest.param(
            "holds: [{packages: [a], except: {type: [b]}}]", "holds[0].except.type: unknown key", id="exception-key"
        ),
        pytest.param(
            "policy: {boot_method: never}", "policy.boot_method: Invalid enum value 'never'", id="boot-method"
        ),
        pytest.param(
            "aliases: {a: {}}",
            "aliases.a: want either all_of or any_of: an alias as a member serves for the other",
            id="aliases",
        ),
        pytest.param("store: /a\nstore: /b", "store stands twice, in lines 1 and 2", id="twice"),
        pytest.param("policy: 3", "policy: want a mapping of keys", id="policy-shape"),
        pytest.param("[1]", "want a mapping of keys", id="shape"),
        pytest.param("engine: dnf5", "engine: want a mapping of keys", id="engine"),
        pytest.param("engine: {name: apt}", "engine.name: want one of dnf4, dnf5", id="engine-name"),
        pytest.param("engine: {command: ssh host}", "engine.command: want a list of words", id="engine-command"),
        pytest.param("engine: {command: ['']}", "engine.command: want a program as the first word", id="no-program"),
        pytest.param("engine: {shell: true}", "engine.shell: unknown key", id="engine-key"),
        pytest.param("store: 3", "store: want a path", id="store"),
        pytest.param("store: srv", "store: want an absolute path", id="relative-store"),
        pytest.param("policy: {protected: [1]}", "policy.protected: want str, got int", id="list-member"),
    ],
)
def test_a_problem_has_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert details(tmp_path, text) == [expected]


def test_every_problem_is_reported(tmp_path: Path) -> None:
    assert len(details(tmp_path, "policy: {installonly_limit: x, weak_deps: 3}\nsurprise: 1")) == 3


@pytest.mark.parametrize("text", ["a: [", "!!python/object:os.system {}", "\x00", "&a [*a, *a]" * 3])
def test_what_is_no_plain_yaml_is_refused(tmp_path: Path, text: str) -> None:
    assert len(details(tmp_path, text)) == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_configuration(tmp_path, tmp_path / "none.yaml")
    assert caught.value.details == (f"{tmp_path}/none.yaml: No such file or directory",)


def test_of_engines_the_last_command_and_the_last_name_win() -> None:
    trees = ({"engine": {"command": ["a"], "name": "dnf4"}}, {"engine": {"command": ["b", "c"]}}, None)
    layers = tuple(read_layer(tree, "c") for tree in trees)
    assert Configuration(layers=layers).engine == EngineChoice(("b", "c"), "dnf4")


def test_neither_a_profile_nor_an_image_may_choose_what_is_run_here(tmp_path: Path) -> None:
    file = write(tmp_path / "etc/yumbridge/config.yaml", "engine: {command: [/srv/image/bin/evil]}")
    with pytest.raises(ConfigError) as of_image:
        read_configuration(tmp_path)
    with pytest.raises(ConfigError) as of_profile:
        read_layer({"engine": {"name": "dnf5"}}, "profile", commands=False)

    assert of_image.value.details == (f"{file}: engine: only / and --config may choose one",)
    assert of_profile.value.details == ("profile: engine: a profile may not choose the engine",)
    assert read_configuration(tmp_path, file).engine.command == ("/srv/image/bin/evil",)


def test_the_last_store_wins() -> None:
    layers = (read_layer({"store": "/a"}, "one"), read_layer({"store": "/b"}, "two"), read_layer(None, "three"))
    assert Configuration(layers=layers).store == "/b"


@pytest.mark.parametrize("value", ["2001-99-99", "9" * 5000], ids=["date", "number"])
def test_a_value_that_cannot_be_is_refused(tmp_path: Path, value: str) -> None:
    assert len(details(tmp_path, f"policy: {{removal_limit: {value}}}")) == 1


def test_what_is_no_file_protects_nothing(tmp_path: Path) -> None:
    (tmp_path / "etc/dnf/protected.d/folder.conf").mkdir(parents=True)
    os.mkfifo(tmp_path / "etc/dnf/protected.d/pipe.conf")
    assert read_configuration(tmp_path).applied_to(Policy()) == Policy()


@pytest.mark.parametrize("name", ["etc/yumbridge/config.yaml", "etc/dnf/protected.d/a.conf"])
def test_a_link_out_of_the_root_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret: 1", encoding="utf-8")
    link = tmp_path / "root" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "secret")
    with pytest.raises(ConfigError) as caught:
        read_configuration(tmp_path / "root")
    assert caught.value.details == (f"{link}: leads out of {tmp_path / 'root'}",)


GROWING = "\n".join(
    [
        "x0: &x0 {a: 1, b: 2, c: 3}",
        *(f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 10)}]}}" for n in range(1, 9)),
        "holds: [{packages: [a], until: *x8}]",
    ]
)
CONDITIONS = "\n".join(
    [
        "x0: &x0 {boot: true}",
        *(f"x{n}: &x{n} {{any_of: [{', '.join([f'*x{n - 1}'] * 10)}]}}" for n in range(1, 9)),
        "holds: [{packages: [a], until: *x8}]",
    ]
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(GROWING, "it stands for more than 50000 values, in line 5", id="merged"),
        pytest.param(CONDITIONS, "it stands for more than 50000 values, in line 6", id="conditions"),
        pytest.param("holds: [" + "a, " * 60_000 + "]", "it stands for more than 50000 values, in line 1", id="many"),
        pytest.param("policy: &a [*a]", "it nests deeper than 100 levels, in line 1", id="circle"),
        pytest.param("policy: &a {<<: *a}", "it nests deeper than 100 levels, in line 1", id="merged-circle"),
        pytest.param("a: " + "[" * 100 + "]" * 100, "it nests deeper than 100 levels, in line 1", id="deep"),
        pytest.param(
            f"a: &a {'[' * 60}{']' * 60}\nb: {'[' * 50}*a{']' * 50}", "it nests deeper than 100 levels", id="sum"
        ),
    ],
)
def test_what_is_larger_than_it_looks_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (told,) = details(tmp_path, text)
    assert told.startswith(words)


def test_an_anchor_may_be_used_again(tmp_path: Path) -> None:
    file = write(tmp_path / "c.yaml", "policy: {protected: &names [a, b], whitelist: *names}")
    policy = read_configuration(tmp_path, file).applied_to(Policy())
    assert policy.protected == policy.whitelist == ("a", "b")


def test_a_file_that_takes_too_long_to_read_is_refused(tmp_path: Path) -> None:
    assert details(tmp_path, "# " + "x" * (1 << 20)) == ["larger than 1048576 bytes"]
