"""Where upstream may say that its files lie."""

from __future__ import annotations

import pytest

from snapshots.errors import UpstreamError
from snapshots.intake.location import base_fault, below, file_name, href_fault, url_scheme, without_credentials


@pytest.mark.parametrize(
    ("href", "fault"),
    [
        ("", "empty"),
        ("/etc/passwd", "absolute"),
        ("//host/x.rpm", "absolute"),
        ("../x.rpm", "upwards"),
        ("Packages/../../x.rpm", "upwards"),
        ("Packages/..", "upwards"),
        ("%2e%2e/x.rpm", "upwards"),
        (".%2E/x.rpm", "upwards"),
        ("%252e%252e/x.rpm", "upwards"),
        ("%2fetc/passwd", "absolute"),
        ("a%5c..%5cx.rpm", "character"),
        ("..\\x.rpm", "character"),
        ("http://host/x.rpm", "scheme"),
        ("file:/etc/passwd", "scheme"),
        ("file%3A///etc/passwd", "scheme"),
        ("x.rpm\0", "character"),
        ("x%00.rpm", "character"),
        ("x\n.rpm", "character"),
        ("Packages/", "no file"),
        (".", "no file"),
    ],
)
def test_a_location_that_could_lead_elsewhere_is_refused(href: str, fault: str) -> None:
    assert fault in href_fault(href)
    with pytest.raises(UpstreamError, match=fault):
        below("http://host/os", href)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("x.rpm", "http://host/os/x.rpm"),
        ("./Packages//a/x.rpm", "http://host/os/Packages/a/x.rpm"),
        ("Packages/libstdc++-1~rc1^git.rpm", "http://host/os/Packages/libstdc++-1~rc1^git.rpm"),
        ("Packages/a b#c?d.rpm", "http://host/os/Packages/a%20b%23c%3Fd.rpm"),
        ("Packages/gtk%2b.rpm", "http://host/os/Packages/gtk%2b.rpm"),
        ("Packages/a..b.rpm", "http://host/os/Packages/a..b.rpm"),
        ("Packages/x-1:2-3.rpm", "http://host/os/Packages/x-1:2-3.rpm"),
    ],
)
def test_any_other_location_is_below_the_repository(href: str, url: str) -> None:
    assert href_fault(href) == ""
    assert below("http://host/os/", href) == url


@pytest.mark.parametrize("href", ["repodata/.hidden", "repodata/repomd.xml", "repodata/a b.xml", "repodata/-x"])
def test_a_file_of_repodata_has_a_plain_name(href: str) -> None:
    with pytest.raises(UpstreamError, match="no name for a file"):
        file_name(href)


@pytest.mark.parametrize("base", ["file:///srv", "ftp://host", "../", ".", "http://", "javascript:x", "http://h\n/"])
def test_a_base_is_a_url_of_the_web(base: str) -> None:
    assert base_fault(base)
    assert base_fault("https://host/a") == ""


@pytest.mark.parametrize(
    "url", ["/srv/os", "os", "http://host/?x=1", "http://host/#a", "http://host:x/", "gopher://h/"]
)
def test_what_is_no_url_of_a_repository_has_no_scheme(url: str) -> None:
    assert url_scheme(url) == ""


def test_credentials_are_left_out_of_what_is_stored() -> None:
    assert without_credentials("http://a:b@c@host:80/os") == "http://host:80/os"
    assert without_credentials("file:///srv/os") == "file:///srv/os"
