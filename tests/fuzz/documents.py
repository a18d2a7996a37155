"""Small valid documents of profiles, configuration, plans and state: what mutation begins with."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ET
from typing import Final

import msgspec

from tests.support.ccm import constant_database, elements
from tests.support.profiles import Json, profile, repository_entry
from yumbridge.plan.document import Action, Plan, identified, printed
from yumbridge.run.boot import BootRecord, BootState, StagedPackage
from yumbridge.run.report import Intent, Inventory, InventoryEntry, Outcome, Report

BRIDGE: Final[dict[str, Json]] = {
    "aliases": {
        "mta": {"any_of": ["postfix", "exim"], "why": "one mail transfer agent"},
        "hpc": [
            {"all_of": ["hwloc", "@mta"], "when": {"os_major": [8, 9], "arch": ["x86_64"]}},
            {"all_of": ["numactl"], "when": {"os_major": 10}},
        ],
    },
    "holds": [
        {"packages": ["glibc", "kernel*"], "source": True, "install": False, "until": "boot", "why": "drained"},
        {
            "packages": ["app"],
            "until": {
                "any_of": [
                    {"boot": True},
                    {
                        "all_of": [
                            {"between": "02:00-04:00", "timezone": "Europe/Zurich", "days": ["sat", "sun"]},
                            {"max_load": 1.5},
                            {"logged_in": False},
                            {"file_exists": "/run/drained"},
                        ]
                    },
                ]
            },
            "except": {"severity": ["critical"], "advisories": ["RHSA-2026:1234"]},
        },
    ],
    "policy": {
        "protected": ["openssh-server"],
        "whitelist": ["hp-*"],
        "unwanted": ["telnet"],
        "weak_deps": True,
        "installonly_limit": 3,
        "removal_limit": 200,
    },
    "store": "/srv/yumbridge",
}
_CONDITION: Final = b"""all_of:
  - {between: "22:00-04:30", timezone: Europe/Zurich, days: [mon, fri], minimum_remaining: 30, splay: 20}
  - {max_load: 2}
  - none_of: [{dates: ["12-20/01-05", "2026-12-24"]}]
"""
_RECIPE: Final = b"""repositories: [base, extra]
base: production
as_of: 2026-11-01
advisories:
  until: 2026-11-15
  types: [security]
  severity: [critical, important]
  include: ["RHSA-2026:1234"]
packages:
  hold: ["kernel*"]
  exclude: ["*-debuginfo"]
  include: [{name: openssl, evr: ">= 1:3.2.2, < 2:1"}, bash]
  without_advisory: keep
closure: true
newest_only: false
"""


def _profile() -> dict[str, Json]:
    entry = repository_entry(
        ("base", "https://user:password@host/os"),
        priority=10,
        gpgcheck=True,
        gpgkey=["https://host/key"],
        excludepkgs=["a*"],
        includepkgs=["b"],
        proxy="http://proxy:3128",
        skip_if_unavailable=True,
    )
    packages = {
        "app": {"1-1": {"x86_64": "base", "noarch": ""}},
        "lib*": {},
        "@core": {},
        "@mta": {},
        "kernel": {"": {}},
    }
    spma: dict[str, Json] = {
        "userpkgs": "yes",
        "whitelist": ["hp-*"],
        "main_options": {"retries": 3, "timeout": 30, "installonly_limit": 3},
        "excludes": ["telnet"],
        "proxy": True,
        "proxyhost": "proxy1,proxy2",
        "proxyport": "8080",
        "proxytype": "forward",
        "filter": "^(app|lib)",
        "dnfconf": "[main]\nbest=True\n",
        "modules": True,
    }
    software: dict[str, Json] = {
        "modules": {"nodejs": {"stream": "18", "enable": True}},
        "groups": {"core": {"mandatory": True, "default": False}},
        "components": {"yumbridge": BRIDGE},
    }
    return profile(packages, [entry, ("extra", "file:///srv/extra")], spma=spma, extra={"software": software})


def _element(value: Json, name: str | None) -> ET.Element:
    attributes = {} if name is None else {"name": name}
    if isinstance(value, dict):
        found = ET.Element("nlist", attributes)
        found.extend(_element(child, key) for key, child in value.items())
    elif isinstance(value, list):
        found = ET.Element("list", attributes)
        found.extend(_element(child, None) for child in value)
    else:
        kinds = {bool: "boolean", int: "long", float: "double", str: "string"}
        found = ET.Element(kinds[type(value)], attributes)
        found.text = json.dumps(value) if isinstance(value, bool) else str(value)
    return found


def profiles() -> tuple[bytes, ...]:
    """Return profiles in JSON, and one packed."""
    text = json.dumps(_profile(), indent=1).encode()
    return (text, json.dumps(_profile()["software"]).encode(), gzip.compress(text, mtime=0))


def xml_profiles() -> tuple[bytes, ...]:
    """Return a profile in pan's XML, and one with what JSON has no word for."""
    root = _element(_profile(), "profile")
    root.set("format", "pan")
    written = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    small = b"""<?xml version="1.0" encoding="UTF-8"?>
<nlist format="pan" name="profile"><nlist name="software"><nlist name="packages"><nlist name="app"/></nlist>
<list name="repositories"></list><nlist name="components"><nlist name="spma">
<string name="filter" encoding="base64">XmFwcA==</string><double name="x">1.5</double><long name="y">3</long>
</nlist></nlist></nlist></nlist>"""
    return (written, small)


def path_databases() -> tuple[bytes, ...]:
    """Return CCM's database of the paths of `cached_profile`."""
    return (constant_database(elements(cached_profile())[0]),)


def value_databases() -> tuple[bytes, ...]:
    """Return CCM's database of the values of `cached_profile`."""
    return (constant_database(elements(cached_profile())[1]),)


def cached_profile() -> dict[str, Json]:
    """Return the profile that lies in CCM's cache."""
    return profile(
        ["app", "lib*"], [("base", "http://host/os")], spma={"filter": "^app", "main_options": {"retries": 1}}
    )


def configurations() -> tuple[bytes, ...]:
    """Return configurations as a site writes them: in blocks, in one line, and short."""
    import yaml

    return (
        yaml.safe_dump(BRIDGE).encode(),
        json.dumps(BRIDGE).encode(),
        b"# nothing but a comment\nstore: /srv/x\npolicy: {weak_deps: no, removal_limit: 0x10}\n",
    )


def conditions() -> tuple[bytes, ...]:
    """Return conditions."""
    return (_CONDITION, b"boot: true\n", b"any_of: [{file_exists: /run/x}, {command: [/bin/true], timeout_s: 1}]\n")


def recipes() -> tuple[bytes, ...]:
    """Return recipes."""
    return (_RECIPE, b"repositories: [base]\n")


def _change(action: Action, name: str, **fields: object) -> dict[str, object]:
    why = [{"kind": "alias", "ref": "hpc", "via": "/software/packages/x"}, {"kind": "requires", "ref": "a", "via": "b"}]
    known: dict[str, object] = {"arch": "noarch", "before": ["1-1"], "after": ["1:2-1"], "repo_id": "base"}
    return {"action": action, "name": name, "checksum": "sha256:00", "size_bytes": 9, "why": why, **known, **fields}


def _plan() -> Plan:
    held = {"cause": "hold", "until": {"between": "02:00-04:00", "timezone": "UTC"}, "chain": ["glibc is held"]}
    tree = {
        "host": {
            "arch": "x86_64",
            "basearch": "x86_64",
            "os_major": 9,
            "releasever": "9",
            "kernel_release": "5.14.0",
            "root": "/srv/image",
            "variables": {"stage": "one"},
        },
        "profile": {"source": "/srv/profile.json", "digest": "sha256:00"},
        "repositories": [{"repo_id": "base", "revision": "7", "repomd": "sha256:01", "snapshot": "testing"}],
        "rpmdb_cookie": "cookie",
        "engine": {"name": "dnf4", "version": "4.14"},
        "policy": "sha256:02",
        "degraded": True,
        "changes": [
            _change(Action.UPGRADE, "lib", advisories=["A-1"]),
            _change(Action.OBSOLETE, "old", after=[]),
            _change(Action.INSTALL, "new", before=[]),
            _change(Action.REMOVE, "gone", after=[]),
        ],
        "deferred": [_change(Action.UPGRADE, "held") | held, _change(Action.UPGRADE, "b") | held | {"until": "boot"}],
        "kept": [{"nevra": "hp-1-1.noarch", "reason": "whitelist", "rule": "hp-*"}],
        "problems": [{"kind": "not-found", "spec": "x", "origin": "/x", "text": "no x", "solutions": ["drop it"]}],
        "notes": [{"kind": "hold", "nevra": "a-1-1.noarch", "text": "is held"}],
        "configuration": [{"path": "/etc/dnf/dnf.conf", "difference": "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n"}],
        "keys": [{"fingerprint": "AB", "url": "https://host/key"}],
        "advisories": [{"advisory_id": "A-1", "kind": "security", "severity": "Low", "title": "t", "cves": ["CVE-1"]}],
        "download_bytes": 10,
        "installed_bytes_change": -10,
        "reboot": {"needed_after": True, "because": ["glibc-2-1.x86_64"]},
    }
    return identified(msgspec.convert(tree, Plan))


def plans() -> tuple[bytes, ...]:
    """Return stored plans: one with something in every list."""
    return (printed(_plan()),)


def reports() -> tuple[bytes, ...]:
    """Return what a run leaves: a report."""
    plan = _plan()
    report = Report(
        plan=plan.id,
        started="2026-11-22T08:00:00Z",
        finished="2026-11-22T08:01:00Z",
        outcome=Outcome.FAILED,
        command="yumbridge apply",
        kind="transaction",
        changes=2,
        packages=plan.changes,
        configuration=("/etc/dnf/dnf.conf",),
        differences=("a is not there",),
        errors=("scriptlet of a failed",),
        output="line\n\nline\n",
        deferred=plan.deferred,
        reboot=plan.reboot,
        boot_id="b",
    )
    return (printed(report), printed(Report(plan="unknown", started="", finished="", outcome=Outcome.REFUSED)))


def inventories() -> tuple[bytes, ...]:
    """Return what a run leaves: an inventory."""
    entries = (
        InventoryEntry(nevra="a-1-1.noarch", reason="user"),
        InventoryEntry(nevra="b-1-1.i686", reason="dependency"),
    )
    return (printed(Inventory(rpmdb_cookie="c", recorded="2026-11-22T08:00:00Z", packages=entries)),)


def intents() -> tuple[bytes, ...]:
    """Return what an interrupted run leaves."""
    return (printed(Intent(plan="sha256:00", started="2026-11-22T08:00:00Z", boot_id="b", pid=1)),)


def boot_records() -> tuple[bytes, ...]:
    """Return records of a boot plan."""
    staged = (
        StagedPackage(nevra="a-2-1.noarch", repo_id="base", checksum="sha256:00", size_bytes=9, path="r/0/a.rpm"),
    )
    record = BootRecord(
        state=BootState.ARMED,
        plan="sha256:00",
        basis=f"sha256:{'0' * 64}",
        changes=1,
        losses=("c-1-1.i686",),
        staged=staged,
    )
    return (printed(record), printed(BootRecord(state=BootState.FAILED, why="it failed", tries=3)))


def component_requests() -> tuple[bytes, ...]:
    """Return what ncm-ncd's module asks for."""
    software = {key: value for key, value in _software().items() if key != "components"}
    request = {
        "document": "yumbridge-component-request",
        "version": "1.0",
        "name": "spma",
        "noaction": "1",
        "component": {"ncm-module": "yumbridge", "userpkgs": "yes"},
        "spma": {"userpkgs": "no"},
        "yumbridge": BRIDGE,
        "software": software,
    }
    return (json.dumps(request).encode(),)


def _software() -> dict[str, Json]:
    found = _profile()["software"]
    return found if isinstance(found, dict) else {}


def engine_answers() -> tuple[bytes, ...]:
    """Return what an engine says on the way to an answer."""
    lines = (
        {"answer": "hello", "name": "dnf4", "version": "4.14"},
        {"answer": "progress", "phase": "metadata", "done": 1, "total": 2},
        {
            "answer": "result",
            "arch": "x86_64",
            "basearch": "x86_64",
            "repositories": [{"repo_id": "base", "revision": "1", "repomd": "sha256:00"}],
            "unavailable": [["extra", "http://user:password@host/ is out of reach"]],
            "module_problems": [[0, "no such stream"]],
            "unused_modules": [1],
        },
    )
    failure = {"answer": "error", "kind": "repository", "message": "2 repositories failed", "details": ["a", "b"]}
    return (
        b"".join(json.dumps(line).encode() + b"\n" for line in lines),
        b"".join(json.dumps(line).encode() + b"\n" for line in (*lines[:2], failure)),
    )
