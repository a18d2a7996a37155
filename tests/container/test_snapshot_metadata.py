"""What a snapshot holds beside packages is used by every generation of dnf: filelists, advisories, modules, groups."""

from __future__ import annotations

import pytest

from tests.support.readers import HOST, STREAMS, Reader

PRODUCTION = f"http://{HOST}/refs/production/base"


def test_a_file_leads_to_its_package(reader: Reader) -> None:
    """A file that only the filelists name leads to its package, in the newest build and in an older one."""
    reader.read(PRODUCTION)
    assert "tool-0:1-1." in reader.run("repoquery", "--file", "/opt/tool/old")
    reader.run("install", "/opt/tool/new")
    assert "tool-2-1" in reader.installed


def test_an_advisory_is_listed_and_followed(reader: Reader) -> None:
    """Advisories are listed with their packages, and an upgrade may be limited to them."""
    reader.read(PRODUCTION)
    reader.run("install", "tool-1-1")
    listed = reader.run("advisory" if reader.dnf.is_5 else "updateinfo", "list")
    assert any("EXA-2026:1" in line and "tool-2-1" in line for line in listed.splitlines())
    reader.run("upgrade", "--security")
    assert reader.installed == {"tool-2-1", "library-1-1"}


def test_a_module_stream_limits_its_packages(reader: Reader) -> None:
    """Streams of modules are seen: with an older one enabled, the package is that of the stream."""
    reader.read(PRODUCTION)
    listed = reader.run("module", "list", "app")
    assert len([line for line in listed.splitlines() if line.startswith("app ")]) == len(STREAMS)
    reader.run("module", "enable", "app:1")
    reader.run("install", "app")
    assert reader.installed == {"app-1-1"}


def test_a_group_brings_its_packages(reader: Reader) -> None:
    """Groups are seen, and installed."""
    if reader.dnf.distribution == "debian-13":
        pytest.skip("the dnf of Debian 13 crashes in libcomps on any group, whoever wrote it")
    reader.read(PRODUCTION)
    assert "tools" in reader.run("group", "list", "--hidden")
    reader.run("group", "install", "tools")
    assert "tool-2-1" in reader.installed
