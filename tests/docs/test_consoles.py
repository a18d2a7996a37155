"""What the pages say a reader sees is what a reader sees: their console blocks are executed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.command import environment
from tests.support.consoles import Shell, Step, agrees, steps
from tests.support.data import sample
from tests.support.project import ROOT
from tests.support.rpms import Rpm
from tests.support.tool import run
from tests.support.world import World

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="rpm changes an install root only as root")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def started(directory: Path) -> Shell:
    return Shell(directory, environment() | {"YUMBRIDGE": str(ROOT), "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"})


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = started(tmp_path)
    yield shell
    shell.close()


@pytest.fixture
def shell_of_short_paths() -> Iterator[Shell]:
    """Yield a shell in a directory of a short name, so that text is wrapped where the page has it wrapped."""
    with tempfile.TemporaryDirectory() as directory:
        shell = started(Path(directory))
        yield shell
        shell.close()


def disagreements(shell: Shell, told: Iterable[Step]) -> list[str]:
    """Return each command that prints something else than its page says, with what it prints."""
    tried = [(step, shell.run(step.command)) for step in told]
    return ["\n".join(("$ " + step.command, *printed)) for step, printed in tried if not agrees(step.printed, printed)]


@needs_root
def test_the_tutorial_shows_what_happens(shell: Shell) -> None:
    assert disagreements(shell, steps(page("docs/tutorial.md"))) == []


@needs_root
def test_the_tutorial_of_snapshots_shows_what_happens(shell_of_short_paths: Shell) -> None:
    assert disagreements(shell_of_short_paths, steps(page("docs/tutorial-snapshots.md"))) == []


@needs_root
def test_a_change_can_be_previewed_as_described(shell: Shell, world: World) -> None:
    old = Rpm("httpd", "2.4-1", requires=("apr",)), Rpm("apr", "1.7-1"), Rpm("telnet", "0.17-1")
    new = Rpm("httpd", "2.4-2", requires=("apr", "mod_http2")), Rpm("mod_http2", "1.15-1")
    base = world.repository("base", *old, *new)
    world.root(*old, name="web01")
    world.profile(["httpd", "telnet"], [base], name="before.json")
    world.profile(["httpd"], [base], name="after.json")
    assert disagreements(shell, steps(page("docs/how-to/preview-a-change.md"))) == []


@needs_root
def test_packages_change_at_boot_as_described(shell: Shell, world: World) -> None:
    old, new = (
        (
            Rpm("glibc", f"{n}-1"),
            Rpm("glibc-common", f"{n}-1", source="glibc"),
            Rpm("mpi", f"{n}-1", requires=(f"glibc >= {n}",)),
            Rpm("editor", f"{n}-1"),
        )
        for n in (1, 2)
    )
    base = world.repository("base", *new)
    world.root(*old)
    world.profile([rpm.name for rpm in new], [base])
    assert disagreements(shell, steps(page("docs/how-to/change-at-boot.md"))) == []


@needs_root
def test_an_alias_is_written_as_described(shell: Shell, world: World) -> None:
    rpms = (
        Rpm("hwloc", "2.4.1-5"),
        Rpm("numactl", "2.0.16-1"),
        Rpm("exim", "4.96-1"),
        Rpm("java-17-openjdk-headless", "17.0.9-1"),
    )
    world.root()
    world.profile(["@hpc-base"], [world.repository("base", *rpms)])
    assert disagreements(shell, steps(page("docs/how-to/write-an-alias.md"))) == []


def test_conditions_are_checked_as_described(shell: Shell) -> None:
    assert disagreements(shell, steps(page("docs/reference/conditions.md"))) == []


def test_the_packager_is_named_as_described(shell: Shell) -> None:
    assert disagreements(shell, steps(page("docs/how-to/name-the-packager.md"))) == []


def test_the_component_is_tried_as_described(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "web01").mkdir()
    assert disagreements(shell, steps(page("docs/how-to/run-by-ncm-ncd.md"))) == []


@needs_root
def test_the_readme_shows_the_demo_as_it_is() -> None:
    told = next(step for step in steps(page("README.md")) if step.command == "./dev demo")
    assert agrees(told.printed, tuple(run(ROOT / "demo/run").rstrip().splitlines()))


def test_the_readme_shows_a_plan_of_real_metadata(shell: Shell, tmp_path: Path) -> None:
    packages = {"chrony": {}, "udev": {}, "vim_2dminimal": {"_32_3a8_2e2_2e2637_2d_2a": {"arch": {"x86_64": ""}}}}
    node = {"software": {"packages": packages, "repositories": []}}
    (tmp_path / "node.json").write_text(json.dumps(node), encoding="utf-8")
    aliases = page("README.md").partition("```yaml\naliases:")[2].partition("```")[0]
    (tmp_path / "aliases.yaml").write_text(f"aliases:{aliases}", encoding="utf-8")
    (tmp_path / "repos").symlink_to(sample("repos"))
    (tmp_path / "root").mkdir()
    told = [step for step in steps(page("README.md")) if step.command.startswith("yumbridge ")]
    assert told
    assert disagreements(shell, told) == []


def test_every_command_of_a_block_is_a_step() -> None:
    text = "```console\n$ a \\\n> b\nsays\n$ c\n```\ntext\n```sh\n$ d\n```\n```console\n$ e\n```\n"
    assert list(steps(text)) == [Step("a \\\nb", ("says",)), Step("c", ()), Step("e", ())]


@pytest.mark.parametrize(
    ("said", "printed", "expected"),
    [
        (("a", "b"), ("a", "b"), True),
        (("a",), ("b",), False),
        (("a",), (), False),
        (("...", "b"), ("b",), True),
        (("a", "..."), ("a", "b"), True),
        (("a", "...", "d"), ("a", "b", "c"), False),
        (("plan sha256:" + "0" * 64,), ("plan sha256:" + "1" * 64,), True),
        (("lib  1.0  6.1 kB",), ("lib    1.0   12 kB",), True),
        (("lib  1.0",), ("lib  1.1",), False),
        (("of /tmp/harbour/root have",), ("of /var/x/root have",), True),
        (("/srv/harbour/root: 1",), ("/var/x/root: 1",), True),
        (("a  0123456789ab",), ("a  ba9876543210",), True),
        (("a  0123456789a",), ("a  ba987654321",), False),
        (("cut 2026-11-22 10:24",), ("cut 2026-12-24 11:00",), True),
        (("cut 2026-11-22",), ("cut 2026-12-24",), False),
        (("of /tmp/harbour/root have",), ("of /tmp/harbour/boot have",), False),
    ],
)
def test_only_what_a_page_cannot_know_is_left_out_of_the_comparison(
    said: tuple[str, ...], printed: tuple[str, ...], expected: bool
) -> None:
    assert agrees(said, printed) is expected
