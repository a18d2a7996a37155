"""Profiles written for tests have the shape of compiled ones."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.support.data import sample
from tests.support.profiles import profile, write_profile


def test_packages_are_written_as_the_compiler_does() -> None:
    compiled = json.loads(sample("profiles/el9node.json").read_text(encoding="utf-8"))["software"]["packages"]

    written = profile(
        {
            "7zip": {"*": {"x86_64": ""}},
            "acl": {},
            "ncm-spma": {"26.2.0-1": {"noarch": ""}},
        }
    )

    packages = json.loads(json.dumps(written))["software"]["packages"]
    assert packages == {name: compiled[name] for name in packages}


def test_extra_is_merged_and_wins() -> None:
    extra = {"software": {"packages": None, "groups": {"core": {"default": True}}}, "hardware": {}}

    software = json.loads(json.dumps(profile(["bash"], extra=extra)))["software"]

    assert software["packages"] is None
    assert software["groups"] == {"core": {"default": True}}
    assert software["components"]["spma"]["packager"] == "yumdnf"


def test_the_suffix_decides_on_the_form(tmp_path: Path) -> None:
    content = profile(["bash"], [("base", "file:///srv/base")])

    plain = write_profile(tmp_path / "p.json", content)
    packed = write_profile(tmp_path / "p.json.gz", content)
    xml = write_profile(tmp_path / "p.xml", content)

    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    software = ET.fromstring(xml.read_text(encoding="utf-8"))[0]  # noqa: S314 - our own
    assert software.attrib == {"name": "software"}
    enabled = software.find("./list[@name='repositories']/nlist/boolean[@name='enabled']")
    assert enabled is not None
    assert enabled.text == "true"
