"""Metapackages as spec files."""

from __future__ import annotations

import pytest

from yumbridge.errors import InvalidEVRError
from yumbridge.rpm.evr import EVR
from yumbridge.rpm.metapackage import Metapackage, metapackage_evr, specfile


def test_a_spec_file_has_what_the_package_says() -> None:
    package = Metapackage(
        name="metadependency-mta",
        evr=EVR(2, "1.0", "3"),
        summary="One agent",
        provides=("metadependency(mta)",),
        requires=("(postfix or exim)", "glibc(x86-64)"),
    )

    assert specfile(package).splitlines()[:12] == [
        "Name: metadependency-mta",
        "Epoch: 2",
        "Version: 1.0",
        "Release: 3",
        "Summary: One agent",
        "License: LicenseRef-Not-Copyrightable",
        "BuildArch: noarch",
        "AutoReqProv: no",
        "Provides: metadependency(mta)",
        "Requires: (postfix or exim)",
        "Requires: glibc(x86-64)",
        "",
    ]


def test_what_somebody_wrote_stays_on_its_line() -> None:
    hostile = "a\n%pre\nrm\r%files\x0b\x85\u2028b"
    harmless, attacked = (
        specfile(Metapackage(name="m", evr=EVR(0, "1", "1"), summary=text, requires=("a",))) for text in ("a", hostile)
    )

    assert len(attacked.splitlines()) == len(harmless.splitlines())
    assert [line for line in attacked.splitlines() if line.startswith("%")] == ["%description", "%files"]


@pytest.mark.parametrize(
    "text",
    ["1", "1-1-1", "1-%{x}", "1-1 2", "1 -1", "x:1-1", "4294967296:1-1", "1-é", "", "-", "1..2-1", "1-.."],
)
def test_what_is_no_evr_of_an_rpm_is_refused(text: str) -> None:
    with pytest.raises(InvalidEVRError):
        metapackage_evr(text)
