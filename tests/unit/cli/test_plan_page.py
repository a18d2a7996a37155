from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from lxml import html

from spma.cli.plan_page import plan_page
from tests.support.browser import rendered, width_in
from yumbridge.condition.condition import Condition
from yumbridge.condition.evaluation import Facts
from yumbridge.plan.closure import ProblemKind
from yumbridge.plan.document import (
    Action,
    Change,
    ConfigurationChange,
    CrossedAdvisory,
    Deferral,
    EngineRef,
    Host,
    Kept,
    KeptReason,
    Key,
    Note,
    NoteKind,
    Plan,
    Problem,
    ProfileRef,
    Reboot,
    RepositoryRef,
    Why,
)

NIGHT = Condition(between="02:00-04:00", timezone="UTC")
NOON = Facts(now=datetime(2026, 11, 2, 12, tzinfo=UTC), zone=UTC, zone_name="UTC", host="web01")
LONG = "x" * 400
WIDTHS = (1200, 1000, 700, 400)


def change(action: Action, name: str, **fields: object) -> Change:
    known = {
        "arch": "noarch",
        "before": ("1-1",),
        "after": ("2-1",),
        "repo_id": "base",
        "checksum": "",
        "size_bytes": 9,
    }
    return msgspec.convert({"action": action, "name": name, "why": ()} | known | fields, Change)


def plan(word: str = "word") -> Plan:
    """Return a plan that has something in every list; `word` stands where the outside chooses the words."""
    chain = (Why(kind="alias", ref="hpc", via=word), Why(kind="requires", ref="app-2-1.noarch", via=word))
    return Plan(
        host=Host(
            arch="x86_64",
            basearch="x86_64",
            os_major=9,
            releasever="9",
            kernel_release="5.14.0",
            root="/srv/image",
            variables={"stage": word},
        ),
        profile=ProfileRef(source=word, digest="sha256:00"),
        repositories=(RepositoryRef(repo_id=word, revision="7", repomd="sha256:01", snapshot="testing"),),
        rpmdb_cookie="cookie",
        engine=EngineRef(name="dnf4", version="4.14"),
        policy="sha256:02",
        degraded=True,
        changes=(
            change(Action.UPGRADE, "lib", why=chain, advisories=("A-1", "A-2")),
            change(Action.OBSOLETE, word, after=()),
        ),
        deferred=(
            Deferral(
                **msgspec.structs.asdict(change(Action.UPGRADE, "held")),
                cause="hold",
                until=NIGHT,
                chain=(f"held-2-1.noarch requires {word}", "glibc is held"),
            ),
        ),
        kept=(Kept(nevra=f"{word}-1-1.noarch", reason=KeptReason.WHITELIST, rule=word),),
        problems=(Problem(kind=ProblemKind.NOT_FOUND, origin=word, text=word, solutions=(word, "drop it")),),
        notes=(Note(kind=NoteKind.HOLD, text=word),),
        configuration=(
            ConfigurationChange(
                path="/etc/dnf/dnf.conf", difference=f"--- a\n+++ b\n@@ -1 +1 @@\n-{word}\n+new\u2028-old\n"
            ),
            ConfigurationChange(path="/etc/gone", difference="--- a\n+++ /dev/null\n@@ -1 +0,0 @@\n-[gone]\n"),
        ),
        keys=(Key(fingerprint=word, url=word),),
        advisories=(
            CrossedAdvisory(advisory_id="A-1", kind="security", severity="Low", title=word, cves=("CVE-1", "CVE-2")),
            CrossedAdvisory(advisory_id="A-2", kind="security", severity="CRITICAL"),
        ),
        reboot=Reboot(needed_after=True, because=("glibc-2-1.x86_64",)),
    )


def page() -> html.HtmlElement:
    return html.document_fromstring(plan_page(plan(), moment=NOON, snapshot="On the snapshot testing.").decode())


def rows(document: html.HtmlElement, section: str) -> list[str]:
    """Return the text of each row of a table, its cells apart."""
    found = document.xpath(f"//section[@id='{section}']//tbody/tr[not(@hidden)]")
    return [" | ".join(" ".join(cell.text_content().split()) for cell in row) for row in found]


def test_every_list_of_a_plan_has_its_section() -> None:
    document = page()
    assert document.xpath("//section/@id") == [
        "problems",
        "now",
        "waiting",
        "kept",
        "advisories",
        "reboot",
        "notes",
        "files",
        "keys",
        "basis",
    ]
    assert rows(document, "problems") == ["not-found | word | word | worddrop it"]
    assert rows(document, "reboot") == ["glibc-2-1.x86_64"]
    assert rows(document, "notes") == ["hold | word"]
    assert rows(document, "keys") == ["word | word"]
    text = document.text_content()
    assert "On the snapshot testing." in text
    assert "Repositories are missing" in text


def test_a_chain_is_told_in_the_words_of_the_text() -> None:
    first, second = page().xpath("//section[@id='now']//tr[contains(th, 'lib')]//li")
    assert first.text_content() == "the alias hpc has word"
    assert second.text_content() == "app requires word"


def test_what_waits_for_a_condition_says_when_it_opens() -> None:
    [row] = rows(page(), "waiting")
    assert "when 02:00-04:00 UTC (next 2026-11-03 02:00 UTC)" in row


def test_what_a_plan_rests_on_is_told_with_its_digests() -> None:
    assert rows(page(), "basis")[1:] == [
        "profile | word | sha256:00",
        "policy |  | sha256:02",
        "host | arch x86_64, basearch x86_64, release 9, kernel 5.14.0, $stage = word | ",
        "rpmdb | /srv/image | cookie",
        "engine | dnf4 4.14 | ",
        "repository word | revision 7, of snapshot testing | sha256:01",
    ]


def test_lines_of_a_file_are_marked_and_a_value_starts_none() -> None:
    """U+2028 breaks lines as Python splits them, and is part of a value here."""
    document = page()
    files = rows(document, "files")
    assert [row.split(" | ")[:2] for row in files] == [["/etc/dnf/dnf.conf", "write"], ["/etc/gone", "remove"]]
    assert [each.text_content() for each in document.xpath("//pre//*[@class='minus']")] == ["-word", "-[gone]"]
    assert [each.text_content() for each in document.xpath("//pre//*[@class='plus']")] == ["+new\u2028-old"]


def test_severities_compare_without_case_and_the_gravest_counts() -> None:
    document = page()
    assert [row.split(" | ")[:2] for row in rows(document, "advisories")] == [["A-2", "critical"], ["A-1", "low"]]
    assert document.xpath("//select[@id='severity']/option/@value") == ["", "critical", "low"]
    assert document.xpath("//section[@id='now']//tr[contains(th, 'lib')]/@data-severity") == ["critical"]


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert plan_page(plan(), moment=NOON) == plan_page(plan(), moment=NOON)


# --- with its script, in a browser --------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "plan.html"
    path.write_bytes(plan_page(plan(), moment=NOON))
    return path


def test_a_link_carries_filter_and_order(written: Path) -> None:
    assert [row.split(" | ")[0] for row in rows(rendered(written, "filter=cve-1"), "advisories")] == ["A-1"]
    assert len(rows(rendered(written, "severity=critical"), "now")) == 1
    ordered = rendered(written, "sort=advisories.advisory.up")
    assert [row.split(" | ")[0] for row in rows(ordered, "advisories")] == ["A-1", "A-2"]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_word_that_cannot_be_broken_stays_in_the_window(tmp_path: Path, width: int) -> None:
    path = tmp_path / "plan.html"
    severe = CrossedAdvisory(advisory_id=LONG, severity=LONG, kind=LONG, cves=(LONG,))
    wide = change(Action.UPGRADE, LONG, before=(LONG,), after=(LONG,), repo_id=LONG, advisories=(LONG,))
    full = plan(LONG)
    full = msgspec.structs.replace(full, changes=(*full.changes, wide), advisories=(*full.advisories, severe))
    path.write_bytes(plan_page(full))
    assert width_in(path, width) <= width
