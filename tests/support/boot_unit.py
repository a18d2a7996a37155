"""A host of systemd with the boot unit installed, as a package would install it."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.support.booted import BootedContainer
from tests.support.profiles import Json
from tests.support.project import ROOT
from tests.support.repositories import Repository
from tests.support.world import World

REPOSITORIES: Final = "file:///srv/repositories"
CONFIG: Final = "/etc/yumbridge/config.yaml"
PROFILE: Final = "/etc/profile.json"
_UNITS: Final = ROOT / "spma/quattor/systemd"

# What starts as any service does: it sees what is installed by then.
_WITNESS: Final = """\
[Unit]
Description=What the services of this host find

[Service]
Type=oneshot
ExecStart=sh -c 'rpm --query --all --queryformat "%{NEVRA} " >/root/found'

[Install]
WantedBy=multi-user.target
"""


class BootHost:
    """A booted host, with the units in place and enabled, and a service that records what it finds at each boot."""

    def __init__(self, host: BootedContainer, world: World, *, has_units: bool = False) -> None:
        """Set it up; `has_units` says that the units came with the command."""
        self.host = host
        self.world = world
        if not has_units:
            self._install_units()
        host.write("/etc/systemd/system/witness.service", _WITNESS)
        host.run("systemctl", "daemon-reload")
        host.run("systemctl", "enable", "witness.service", "yumbridge-boot.service", "yumbridge-offline.service")

    def _install_units(self) -> None:
        for unit in ("yumbridge-boot.service", "yumbridge-offline.service"):
            self.host.write(f"/usr/lib/systemd/system/{unit}", (_UNITS / unit).read_text(encoding="utf-8"))
        tmpfiles = (_UNITS / "yumbridge-tmpfiles.conf").read_text(encoding="utf-8")
        self.host.write("/usr/lib/tmpfiles.d/yumbridge.conf", tmpfiles)

    def configure(self, *holds: Json, **policy: Json) -> None:
        """Write the configuration of the host."""
        self.host.write(CONFIG, json.dumps({"holds": [*holds], "policy": policy}))

    def want(self, names: list[str], base: Repository) -> None:
        """Write the profile of the host."""
        profile = self.world.profile(names, [base.at(REPOSITORIES)])
        self.host.write(PROFILE, profile.read_text(encoding="utf-8"))

    def apply(self, *options: str) -> Any:  # noqa: ANN401 - a foreign document
        """Apply the profile, and return the report."""
        return json.loads(self.host.run("yumbridge", "apply", PROFILE, "--json", *options))

    def record(self) -> Any:  # noqa: ANN401 - a foreign document
        """Return the record of the boot plan."""
        return json.loads(self.host.run("yumbridge", "boot", "status", "--json"))

    def installed(self) -> set[str]:
        """Return what is installed, but for keys."""
        return {*self.host.run("rpm", "--query", "--all", "--queryformat", "%{NEVRA} ").split()}

    def found_by_services(self) -> set[str]:
        """Return what the services of this boot found installed."""
        return {*self.host.run("cat", "/root/found").split()}
