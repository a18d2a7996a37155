"""A root whose next boot has something to do, and the verbs of the boot plan on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.holding import holding
from tests.support.profiles import Json
from tests.support.repositories import Repository
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.tool import Outcome
from tests.support.world import World

LIB, LIB2 = Rpm("lib", "1-1"), Rpm("lib", "2-1")
APP, APP2 = Rpm("app", "1-1"), Rpm("app", "2-1", requires=("lib >= 2",))
TOOL, TOOL2 = Rpm("tool", "1-1"), Rpm("tool", "2-1")
NAMES = ("app", "lib", "tool")
LIB_HELD: Json = {"packages": ["lib"], "why": "reboots only"}


class Waiting:
    """A root with lib, app and tool, whose new builds a repository has; lib is held until boot."""

    def __init__(self, world: World, *, lib: Rpm = LIB2, hold: Json = LIB_HELD, policy: Json = None) -> None:
        self.world = world
        self.base: Repository = world.repository("base", lib, APP2, TOOL2)
        self.root: InstallRoot = world.root(LIB, APP, TOOL)
        self.profile = world.profile([*NAMES], [self.base])
        self.config = holding(world, hold, policy=policy)

    def run(self, *words: str | Path) -> Outcome:
        """Run a verb on the root."""
        return self.world.run(*words, "--root", self.root.path, "--config", self.config)

    def apply(self, *options: str, code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
        """Apply the profile, and return the report."""
        outcome = self.run("apply", self.profile, "--json", *options)
        assert outcome.code == code, outcome
        return outcome.json()

    def boot(self, *options: str, code: int = 0) -> Any:  # noqa: ANN401 - a foreign document
        """Make a boot run, and return the record."""
        outcome = self.run("boot", "run", "--assume-boot", "--json", *options)
        assert outcome.code == code, outcome
        return outcome.json()

    def record(self) -> Any:  # noqa: ANN401 - a foreign document
        """Return the record of the boot plan."""
        return self.run("boot", "status", "--json").json()

    @property
    def staging(self) -> list[Path]:
        """The folders of staged boot plans."""
        return sorted((self.root.path / "var/lib/yumbridge/boot").glob("*"))

    def staged_rpm(self, name: str) -> Path:
        """Return where the rpm of a name is staged."""
        (path,) = (file for folder in self.staging for file in folder.rglob(f"{name}-*.rpm"))
        return path

    def enable(self, unit: str, target: str) -> None:
        """Install and enable a unit, with the marker that proves a boot, as a package and an administrator do."""
        system = "usr/lib/systemd/system"
        self.root.write(f"{system}/{unit}", "[Unit]\n")
        self.root.write("usr/lib/tmpfiles.d/yumbridge.conf", "")
        wants = self.root.path / "etc/systemd/system" / f"{target}.wants"
        wants.mkdir(parents=True, exist_ok=True)
        (wants / unit).symlink_to(f"/{system}/{unit}")

    def report(self) -> Any:  # noqa: ANN401 - a foreign document
        """Return the stored report."""
        return json.loads((self.root.path / "var/lib/yumbridge/report.json").read_text(encoding="utf-8"))
