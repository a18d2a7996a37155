"""`plan --html`: the page says what the plan does, and nothing of what anybody wrote becomes markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from spma.cli.plan_page import plan_page
from tests.support.advisories import Advisory
from tests.support.browser import rendered
from tests.support.holding import holding
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.plan.document import Plan, read_plan

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\u202e\x1b[2J"
OLD = (Rpm("app", "1-1"), Rpm("lib", "1-1"), Rpm("held", "1-1"), Rpm("stray"), Rpm("vendor"), Rpm("fresh", "2-1"))
NEW = (
    Rpm("app", "2-1", requires=("lib >= 2", "extra")),
    Rpm("lib", "2-1"),
    Rpm("held", "2-1"),
    Rpm("extra"),
    Rpm("fresh", "1-1"),
)


def texts(document: html.HtmlElement, section: str) -> list[str]:
    """Return the text of each row of a table, its cells apart."""
    rows = document.xpath(f"//section[@id='{section}']//tbody/tr[not(@hidden)]")
    return [" ".join(" | ".join(cell.text_content() for cell in row).split()) for row in rows]


def page_of(world: World, profile: Path, *options: str | Path, code: int = 0) -> tuple[html.HtmlElement, Any]:
    """Return the page of a plan, and the plan that was printed in the same run."""
    path = world.path / "plan.html"
    outcome = world.run("plan", profile, "--root", world.path / "root", "--html", path, "--json", *options)
    assert outcome.code == code, outcome
    return html.document_fromstring(path.read_bytes().decode()), outcome.json()


def busy(world: World) -> tuple[html.HtmlElement, Any]:
    """Return the page of a plan with everything in it that one without problems may have."""
    advisories = [
        Advisory("A-1", (NEW[1],), severity="Critical", cves=("CVE-1", "CVE-2")),
        Advisory("A-2", (NEW[2],), severity="Low"),
    ]
    base = world.repository("base", *NEW, advisories=advisories)
    world.root(*OLD)
    config = holding(world, {"packages": ["held"], "why": "drained nodes"}, policy={"whitelist": ["vendor"]})
    return page_of(world, world.profile(["app", "held", "fresh"], [base]), "--config", config)


def test_the_page_tells_what_the_plan_does(world: World) -> None:
    document, plan = busy(world)

    of_app = "base | | needed by app/software/packages/app"
    assert texts(document, "now") == [
        "stray.noarch | remove | 1-1 | | | | | not in the profile",
        "fresh.noarch | downgrade | 2-1 | 1-1 | 5.6 kB | base | | in the profile/software/packages/fresh",
        "app.noarch | upgrade | 1-1 | 2-1 | 5.6 kB | base | | in the profile/software/packages/app",
        f"lib.noarch | upgrade | 1-1 | 2-1 | 5.6 kB | {of_app.replace('| |', '| critical A-1 |')}app requires lib >= 2",
        f"extra.noarch | install | | 1-1 | 5.6 kB | {of_app}app requires extra",
    ]
    held = "held.noarch | upgrade | 1-1 | 2-1 | at boot | is held: drained nodes | low A-2"
    assert texts(document, "waiting") == [f"{held} | in the profile/software/packages/held"]
    assert texts(document, "kept") == ["vendor-1-1.noarch | whitelist | vendor"]
    assert [row.split(" | ")[:5] for row in texts(document, "advisories")] == [
        ["A-1", "critical", "security", "2 CVEsCVE-1, CVE-2", "lib"],
        ["A-2", "low", "security", "| held", "A-2"],
    ]
    assert len(texts(document, "files")) == len(plan["configuration"])
    assert texts(document, "basis")[0] == f"plan | | {plan['id']}"
    counters = [" ".join(each.text_content().split()) for each in document.xpath("//nav//li")]
    assert counters[:5] == ["-1 package goes", "1 downgrade", "2 upgrades", "+1 package comes", "1 change waits1 low"]


def test_problems_come_first(world: World) -> None:
    world.root()
    profile = world.profile(["nosuch", "app"], [world.repository("base", Rpm("app"))])

    document, plan = page_of(world, profile, code=12)

    assert document.xpath("//section[1]/@id") == ["problems"]
    assert "This plan cannot be carried out" in document.text_content()
    assert plan["problems"][0]["text"] in texts(document, "problems")[0]


def test_an_empty_plan_says_so(world: World) -> None:
    world.root(Rpm("app"))
    base = world.repository("base", Rpm("app"))

    document, _ = page_of(world, world.profile(["app"], [base]), "--repos-from", world.repositories)

    assert "Nothing to do: the host is as the profile wants it." in document.text_content()
    assert texts(document, "now") == []


def test_the_page_and_the_answer_come_from_one_run(world: World) -> None:
    world.root()
    base = world.repository("base", Rpm("app"))
    out, page = world.path / "plan.json", world.path / "plan.html"

    outcome = world.run(
        "plan", world.profile(["app"], [base]), "--root", world.path / "root", "--out", out, "--html", page, "--check"
    )

    assert outcome.code == 100
    assert page.read_bytes() == plan_page(read_plan(out.read_bytes()))


def test_standard_output_is_no_place_for_the_page(world: World) -> None:
    outcome = world.run("plan", world.profile(["app"]), "--html", "-")

    assert outcome.code == 2
    assert not (world.path / "-").exists()


def test_words_of_a_site_and_of_an_advisory_stay_words(world: World) -> None:
    world.root(Rpm("app", "1-1"))
    new = Rpm("app", "2-1")
    base = world.repository("base", new, advisories=[Advisory("A-1", (new,), title="<img src=x onerror=alert(1)>")])
    config = holding(world, {"packages": ["app"], "why": "<script>alert(2)</script>"})

    document, _ = page_of(world, world.profile(["app"], [base]), "--config", config)

    assert "is held: <script>alert(2)</script>" in texts(document, "waiting")[0]
    assert "<img src=x onerror=alert(1)>" in texts(document, "advisories")[0]
    assert document.xpath("//img") == []
    assert len(document.xpath("//script")) == 1


def hostile_plan(world: World) -> Plan:
    """Return a plan in which every text is hostile that the outside may choose."""
    _, plan = busy(world)
    return read_plan(json.dumps(plan).encode())


def poisoned(value: Any, key: str = "") -> Any:  # noqa: ANN401 - a foreign document
    """Return a document with every free text made hostile."""
    kept = {"document", "version", "action", "reason", "kind", "cause", "until", "id", "digest"}
    if isinstance(value, dict):
        return {name: poisoned(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, key) for each in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) and key not in kept else value


@pytest.fixture
def hostile(world: World) -> bytes:
    import msgspec

    _, plan = busy(world)
    return plan_page(msgspec.convert(poisoned(plan), Plan))


def test_nothing_that_anybody_wrote_becomes_markup(hostile: bytes) -> None:
    document = html.document_fromstring(hostile.decode())

    assert document.xpath("count(//script)") == 1
    assert document.xpath("//img") == []
    assert document.xpath("//*[@onerror or @onclick or @style]") == []
    assert "\u202e" not in hostile.decode()
    assert "\x1b" not in hostile.decode()
    policy = str(document.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)"))
    assert policy.startswith("default-src 'none'; ")
    ids = [str(each.get("id")) for each in document.iter() if each.get("id")]
    assert len(ids) == len(set(ids))


def test_hostile_words_stay_words_in_a_browser(hostile: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_bytes(hostile)

    document = rendered(path, "filter=%3Cimg")

    assert document.xpath("//img") == []
    assert document.xpath("count(//script)") == 1


def test_the_filter_of_the_page_works_in_a_browser(world: World) -> None:
    busy(world)

    document = rendered(world.path / "plan.html", "severity=critical&sort=now.package.down")

    assert [row.partition(" ")[0] for row in texts(document, "now")] == ["lib.noarch"]
    assert texts(document, "kept") == []
    assert document.xpath("//form/@hidden") == []
