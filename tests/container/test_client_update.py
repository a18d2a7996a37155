"""A bridge that a profile lists is brought up to date by itself, like anything else."""

from __future__ import annotations

import json
import shutil

from tests.support import tool
from tests.support.cache import Cache
from tests.support.clients import PACKAGES, PROFILE, bridge_package, offered_packages, platform_package, prepared
from tests.support.containers import Containers, Place
from tests.support.profiles import profile
from tests.support.rpmbuild import build


def test_the_bridge_replaces_itself(containers: Containers, rpm_cache: Cache) -> None:
    with offered_packages() as folder, containers.started("debian-12", Place(mounts={PACKAGES: folder})) as container:
        host = prepared(container, folder, rpm_cache)
        host.install_bridge()
        newer = folder / "newer"
        newer.mkdir()
        shutil.copy2(bridge_package(host.python, rpm_cache, "2"), newer / "yumbridge.rpm")
        # A closure has what the bridge needs, too.
        build((platform_package(host.python),), newer, rpm_cache)
        tool.run("createrepo_c", "--quiet", newer)
        container.write(PROFILE, json.dumps(profile(["yumbridge"], [("bridge", f"file://{PACKAGES}/newer")])))

        outcome = container.attempt("yumbridge", "apply", PROFILE, "-y")

        assert (outcome.code, outcome.stderr) == (0, "")
        assert "Done: the host is as planned." in outcome.stdout
        query = ("rpm", "--query", "--queryformat", "%{release}", "yumbridge")
        assert container.run(*query).startswith("2.")
        assert container.run("rpm", "--verify", "yumbridge") == ""
        assert json.loads(host.run("status", "--json"))["last_report"]["outcome"] == "as-planned"
        assert container.attempt("yumbridge", "plan", PROFILE, "--check").code == 0
