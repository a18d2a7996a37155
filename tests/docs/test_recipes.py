"""The page on recipes: its examples are recipes, they do what it says, and its warnings are given."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from snapshots.choice.recipe import Recipe, read_recipe
from tests.support.advisories import Advisory
from tests.support.project import ROOT
from tests.support.rpms import Rpm
from tests.support.world import World

PAGE = (ROOT / "docs/how-to/write-a-recipe.md").read_text(encoding="utf-8")
_YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
EXAMPLES = _YAML.findall(PAGE)

KERNEL = Rpm("kernel", "1-1"), Rpm("kernel", "2-1")
OPENSSL = (
    Rpm("openssl", "1:3.2.2-5"),
    Rpm("openssl", "1:3.2.2-6", requires=("fips",)),
    Rpm("openssl", "1:3.2.2-6.site", requires=("fips",)),
)
VIM = Rpm("vim", "1-1"), Rpm("vim", "2-1")
FIPS, NANO = Rpm("fips"), Rpm("nano")
PRODUCTION = KERNEL[0], OPENSSL[0], VIM[0]
NEW = KERNEL[1], OPENSSL[1], OPENSSL[2], VIM[1], FIPS, NANO
ADVISORIES = (
    Advisory("EX-2026:1", (KERNEL[1],), issued="2026-11-14 00:00:00"),
    Advisory("EX-2026:2", (VIM[1],), kind="bugfix", severity="", issued="2026-11-13 00:00:00"),
    Advisory("EX-2026:1234", (OPENSSL[1],), issued="2026-11-20 00:00:00"),
)


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return cells[2:]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_recipe(example: str) -> None:
    assert read_recipe(example, "an example") != Recipe()


def test_a_warning_is_one_that_is_given() -> None:
    source = "\n".join(
        (ROOT / "snapshots" / name).read_text(encoding="utf-8")
        for name in ("cut.py", "choice/selection.py", "choice/closure.py")
    )
    warnings = [each for cells in rows(section("Warnings")) for each in re.findall(r"`([^`]+)`", cells[0])]
    assert len(warnings) >= 10
    for warning in warnings:
        # What differs is in capitals; the count of advisories brings its verb along.
        words = re.sub(r"\b(hold|include)\b|advisories were|packages of (the base|them)", "N", warning)
        for part in re.split(r"\b(?:N|ID|GLOB|DATE|RULE|REPO_ID|NAME|A|B|C)\b", words):
            assert part.strip(" :.,") in source, warning


@pytest.fixture
def moved_on(world: World) -> World:
    """Return a world with a store in which production is behind the mirror."""
    base = world.repository("el9-baseos", *PRODUCTION)
    for verb in (("mirror", "el9-baseos", base.url), ("cut", "2026-11-01"), ("publish", "production", "2026-11-01")):
        assert world.snapshot(*verb).code == 0
    world.repository("el9-baseos", *PRODUCTION, *NEW, advisories=ADVISORIES)
    assert world.snapshot("mirror").code == 0
    return world


def held(world: World, name: str) -> set[str]:
    manifest = json.loads((world.store / "snapshots" / name / "manifest.json").read_text(encoding="utf-8"))
    return {package["nevra"] for repository in manifest["repositories"] for package in repository["packages"]}


def nevras(*rpms: Rpm) -> set[str]:
    return {rpm.nevra for rpm in rpms}


def test_the_examples_do_what_the_page_says(moved_on: World) -> None:
    added = {
        "The security updates of the week": (
            nevras(KERNEL[1], OPENSSL[2], FIPS, NANO),
            nevras(KERNEL[1]),
            nevras(KERNEL[1], OPENSSL[2], FIPS, NANO),
        ),
        "One hotfix onto production": (
            nevras(OPENSSL[1], FIPS),
            nevras(OPENSSL[2], FIPS),
        ),
        "Hold the kernels": (nevras(*NEW) - nevras(KERNEL[1]),),
    }
    for heading, expected in added.items():
        examples = _YAML.findall(section(heading))
        assert len(examples) == len(expected)
        for number, example in enumerate(examples):
            recipe = moved_on.path / "recipe.yaml"
            # What is new was built long ago, and seen today: the day of the cut has to be before that.
            recipe.write_text(re.sub(r"(?<=as_of: )\S+", "2000-01-01", example), encoding="utf-8")
            name = f"{heading.split()[0]}-{number}"
            assert moved_on.snapshot("cut", name, "--recipe", recipe).code == 0
            assert held(moved_on, name) == nevras(*PRODUCTION) | expected[number], example


def test_the_newest_builds_and_what_is_spared_are_kept(moved_on: World) -> None:
    (example,) = _YAML.findall(section("Only the newest"))
    recipe = moved_on.path / "recipe.yaml"
    recipe.write_text(example, encoding="utf-8")
    assert moved_on.snapshot("cut", "newest", "--recipe", recipe).code == 0
    assert held(moved_on, "newest") == nevras(*KERNEL, OPENSSL[2], VIM[1], FIPS, NANO)


def test_options_say_the_same_as_the_recipe(moved_on: World) -> None:
    (command,) = re.findall(r"^yumbridge snapshot (cut hotfix.*)$", PAGE, re.MULTILINE)
    assert moved_on.snapshot(*shlex.split(command)).code == 0
    assert held(moved_on, "hotfix-1234") == nevras(*PRODUCTION, OPENSSL[1], FIPS)
