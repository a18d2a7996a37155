"""What a document may have before its root."""

from __future__ import annotations

import pytest

from snapshots.errors import UpstreamError
from snapshots.repodata.prolog import checked_prolog


@pytest.mark.parametrize(
    ("head", "count"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="x" packages="12">', 12),
        ("<metadata>", None),
        ("\ufeff<metadata packages='0'>", 0),
        ("<?xml version='1.0' encoding='utf-8'?><!-- a --> <!-- b > <c -->\n<metadata packages='3'\n>", 3),
    ],
)
def test_a_plain_document_says_how_many_packages_it_has(head: str, count: int | None) -> None:
    assert checked_prolog(head.encode(), "metadata", "primary") == count


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        ('<!DOCTYPE metadata [<!ENTITY a "b">]><metadata>', "document type"),
        ('<!-- a --><!DOCTYPE m [<!ENTITY a "b">]><!-- b --><metadata>', "document type"),
        ('<!DOCTYPE metadata SYSTEM "x.dtd"><metadata>', "document type"),
        ("<?xml-stylesheet href='x'?><metadata>", "document type"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><metadata>', "not in UTF-8"),
        ("<filelists>", "begins with <filelists>"),
        ("", "no XML"),
        ("packages: 1", "no XML"),
        ("<!-- never closed <metadata>", "no XML"),
    ],
)
def test_anything_else_is_refused(head: str, fault: str) -> None:
    with pytest.raises(UpstreamError, match=fault):
        checked_prolog(head.encode(), "metadata", "primary")


def test_utf_16_is_refused() -> None:
    with pytest.raises(UpstreamError, match="no XML"):
        checked_prolog("<metadata>".encode("utf-16"), "metadata", "primary")


def test_comps_may_name_its_type_but_define_nothing() -> None:
    named = (
        b'<?xml version="1.0"?>\n<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">\n<comps>'
    )
    assert checked_prolog(named, "comps", "comps", may_name_its_type=True) is None
    defined = b'<!DOCTYPE comps PUBLIC "a" "b" [<!ENTITY a "b">]><comps>'
    with pytest.raises(UpstreamError, match="document type"):
        checked_prolog(defined, "comps", "comps", may_name_its_type=True)


def test_a_long_prolog_is_judged_in_no_time() -> None:
    with pytest.raises(UpstreamError, match="no XML"):
        checked_prolog(b"<!---->" * 9000 + b"<!", "metadata", "primary")
