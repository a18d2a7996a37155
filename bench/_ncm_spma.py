"""What the backend yumdnf of ncm-spma runs to configure a host, as one script that carries nothing out.

Commands and their order are those of yum.pm and yumdnf.pm of configuration-modules-core, under the names that dnf 4 has
for them. Left out is what cannot run here: the plugin versionlock, whose list is written and read by nobody; and
the groups, which yumdnf does not have.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A root as the component finds it: what the profile locks, and what of it is not installed."""

    root: Path
    options: Sequence[str]
    locked: Sequence[str]
    missing: Sequence[str]


def sequence(host: Host) -> tuple[tuple[str, ...], ...]:
    """Return the commands of one run, each asked to change nothing; the last one reads `transaction` from its input."""
    dnf = ("dnf", *host.options)
    return (
        (*dnf, "clean", "expire-cache"),
        (*dnf, "makecache"),
        (*dnf, "-C", "repoquery", "--show-duplicates", "--nevra", *host.locked),
        (*dnf, "--assumeno", "distro-sync"),
        ("rpm", f"--root={host.root}", "-qa", "--qf", r"%{NAME}\n%{NAME};%{ARCH}\n"),
        (*dnf, "repoquery", "--unneeded", "--qf", "%{name};%{arch}"),
        (*dnf, "-C", "repoquery", "--requires", "--resolve", "--qf", "%{name};%{arch}", *host.missing),
        (*dnf, "--assumeno", "shell"),
    )


def transaction(host: Host) -> str:
    """Return what the shell of dnf is told; `transaction solve` is none of its words, and it answers with its help."""
    return f"install {' '.join(host.missing)}\ntransaction solve\ntransaction run\n"


def write_script(host: Host, folder: Path) -> list[str]:
    """Write the run as a script of the shell, and return the command that runs it.

    The script ends with the number of its commands that failed in a way that nobody asked for: --assumeno ends with 1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "transaction"
    told.write_text(transaction(host), encoding="utf-8")
    lines = ["failed=0"]
    for command in sequence(host):
        expected = "|| [ $? -eq 1 ] " if "--assumeno" in command else ""
        lines.append(f"{shlex.join(command)} <{shlex.quote(str(told))} {expected}|| failed=$((failed + 1))")
    lines.append("exit $failed")
    script = folder / "ncm-spma.sh"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["sh", str(script)]
