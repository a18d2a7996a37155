from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from lxml import html

from snapshots.comparison.difference import SnapshotDifference, compare
from spma.cli.snapshot.page import page
from tests.support.browser import rendered
from tests.support.differences import build, builds, month, side
from tests.support.offers import advisory

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\u202e"


def difference() -> SnapshotDifference:
    return compare(*month(), ["kernel*"])


def parsed(content: bytes) -> html.HtmlElement:
    return html.document_fromstring(content.decode())


def rows(document: html.HtmlElement, section: str) -> list[str]:
    """Return the text of each row of a table that is shown, in its order."""
    found = document.xpath(f"//section[@id='{section}']//tbody/tr[not(@hidden)]")
    return [" ".join(cell.text_content() for cell in row) for row in found]


def heads(document: html.HtmlElement, section: str) -> list[str]:
    """Return the text of the first cell of each row that is shown."""
    found = document.xpath(f"//section[@id='{section}']//tbody/tr[not(@hidden)]/th")
    return [cell.text_content() for cell in found]


def test_the_page_tells_what_the_document_does() -> None:
    document = parsed(page(difference()))
    text = document.text_content()
    assert "sha256:" in text
    assert "2 changes wait for boot." in text
    assert heads(document, "advisories") == ["RHSA-2026:0900", "RHSA-2026:1001", "RHSA-2026:1002", "RHBA-2026:1003"]
    assert heads(document, "cves") == ["CVE-2025-9", "CVE-2026-1", "CVE-2026-2"]
    assert heads(document, "packages")[:4] == [
        "rebuilt.noarch",
        "bind.x86_64",
        "retired.noarch",
        "kernel.x86_64",
    ]
    assert rows(document, "torn") == ["python3.11 python3.11-3.11.9-1.el9.src.rpm python3.11-libs-3.11.7-1.el9.x86_64"]
    assert heads(document, "reboot") == ["kernel-5.14.0-430.el9.x86_64", "kernel-core-5.14.0-430.el9.x86_64"]
    assert rows(document, "held") == [
        "kernel-5.14.0-430.el9.x86_64 kernel*",
        "kernel-core-5.14.0-430.el9.x86_64 kernel*",
    ]
    assert [row.partition(" ")[0] for row in rows(document, "partial")] == ["RHSA-2026:1002"]
    assert len(rows(document, "without-advisory")) == 4


def test_what_is_counted_agrees_with_its_number() -> None:
    one = side("one", builds("a-1-1.noarch", "b-1-1.noarch"))
    two = side("two", builds("a-2-1.noarch", "b-1-1.noarch"))
    counters = parsed(page(compare(one, two))).xpath("//li/a")
    assert [" ".join(each.text_content().split()) for each in counters] == [
        "1 package changes1 up",
        "1 changes with no advisory",
    ]


def test_the_same_difference_gives_the_same_bytes() -> None:
    assert page(difference()) == page(difference())


def test_a_page_without_a_difference_says_so() -> None:
    one, two = (side(name, builds("a-1-1.noarch")) for name in ("one", "two"))
    document = parsed(page(compare(one, two)))
    assert "The snapshots hold the same." in document.text_content()
    assert document.xpath("//table | //form") == []


def test_nothing_of_upstream_becomes_markup() -> None:
    """Everything is escaped: names and titles are what somebody else wrote."""
    evil = advisory(f"RHSA{HOSTILE}", title=HOSTILE, severity=HOSTILE, kind=HOSTILE, issued=HOSTILE)
    package = build("a-1-1.noarch", f"source{HOSTILE}-1-1", rpm="x")
    content = page(compare(side(f"one{HOSTILE}"), side(f"two{HOSTILE}", [package], [evil])))
    document = parsed(content)
    assert len(document.xpath("//script")) == 1
    assert document.xpath("//img") == []
    assert "\u202e" not in content.decode()
    assert document.xpath("//*[@onerror or @onclick or @style]") == []


def test_only_what_is_in_the_page_runs_and_nothing_is_fetched() -> None:
    """No network, no external fonts or scripts; the policy names the very script and style."""
    content = page(difference()).decode()
    document = html.document_fromstring(content)
    policy = str(document.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)"))
    assert policy.startswith("default-src 'none'; ")
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", content, flags=re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.search(r"https?:|url\(|@import|\bsrc=", content)
    assert document.xpath("//link") == []


def test_the_page_is_read_without_its_script() -> None:
    """What needs the script is hidden until it runs; the rows are all there."""
    document = parsed(page(difference()))
    assert document.xpath("//form/@hidden") == [""]
    assert document.xpath("//tbody/tr[@hidden]") == []
    assert document.xpath("//thead//button") == []


def test_tables_can_be_read_aloud() -> None:
    document = parsed(page(difference()))
    assert document.xpath("//thead//th[not(@scope='col')] | //tbody//th[not(@scope='row')]") == []
    assert document.xpath("//tbody/tr[not(th)]") == []
    labelled = set(document.xpath("//label/@for"))
    assert set(document.xpath("//form//input/@id | //form//select/@id")) == labelled
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(document.xpath("//@aria-labelledby")) <= set(ids)
    assert {link.removeprefix("#") for link in document.xpath("//nav//a/@href")} <= set(ids)
    assert document.xpath("/html/@lang") == ["en"]


# --- with its script, in a browser --------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "difference.html"
    path.write_bytes(page(difference()))
    return path


def test_a_link_carries_the_filter(written: Path) -> None:
    document = rendered(written, "filter=python3.11%202026")
    assert heads(document, "advisories") == ["RHSA-2026:1002"]
    assert heads(document, "packages") == ["python3.11.x86_64"]
    assert heads(document, "cves") == []
    assert document.xpath("//section[@id='held']//table/@hidden") == [""]
    assert document.xpath("//section[@id='advisories']//*[@class='count']")[0].text_content() == "1 of 4"


def test_every_word_of_a_filter_has_to_be_there_and_no_word_crosses_cells(written: Path) -> None:
    assert heads(rendered(written, "filter=cve-2026-1%20RHSA-2026:1001"), "cves") == ["CVE-2026-1"]
    assert heads(rendered(written, "filter=kernel.x86_64up"), "packages") == []


def test_a_link_filters_by_severity_and_type(written: Path) -> None:
    document = rendered(written, "severity=critical&type=security")
    assert heads(document, "advisories") == ["RHSA-2026:1001"]
    assert heads(document, "packages") == ["kernel.x86_64", "kernel-core.x86_64"]
    assert heads(document, "partial") == heads(document, "torn") == []
    assert heads(rendered(written, "type=bugfix"), "advisories") == ["RHBA-2026:1003"]


def test_a_link_carries_the_order(written: Path) -> None:
    document = rendered(written, "sort=packages.package.down&sort=advisories.severity.up")
    names = heads(document, "packages")
    assert names == sorted(names, reverse=True)
    assert heads(document, "advisories")[:2] == ["RHSA-2026:1001", "RHSA-2026:1002"]
    heading = document.xpath("//section[@id='packages']//th[@aria-sort='descending']")
    assert [head.text_content() for head in heading] == ["Package"]
    assert document.xpath("//a[@id='view']/@href") == ["#sort=packages.package.down&sort=advisories.severity.up"]


def test_the_script_runs_under_the_policy_of_the_page(written: Path) -> None:
    document = rendered(written)
    assert document.xpath("//form/@hidden") == []
    assert len(document.xpath("//thead//th")) == len(document.xpath("//thead//th//button"))
    assert document.xpath("//tr[@hidden]") == []


def test_hostile_words_stay_words_in_a_browser(tmp_path: Path) -> None:
    evil = advisory(f"RHSA{HOSTILE}", title=HOSTILE, severity=HOSTILE, kind=HOSTILE)
    path = tmp_path / "difference.html"
    path.write_bytes(page(compare(side("one"), side("two", builds("a-1-1.noarch"), [evil]))))
    document = rendered(path, "filter=%3Cimg&severity=%3Cimg")
    assert document.xpath("//img") == []
    assert len(document.xpath("//script")) == 1
