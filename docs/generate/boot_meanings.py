"""What the fields and values of the boot plan's documents mean."""

from __future__ import annotations

from typing import Final

FIELDS: Final[dict[str, dict[str, str]]] = {
    "BootRecord": {
        "document": "the kind of document",
        "version": "`major.minor`: a minor adds fields, a major breaks",
        "state": "how far the boot plan is",
        "method": "when in a boot it is carried out",
        "plan": "id of the plan as it was rehearsed when it was staged; null before that",
        "basis": "digest of all that the boot plan is made of: the same basis is not staged twice",
        "changes": "how many changes it has",
        "removals": "how many of them are removals: no boot run removes more than that or the limit of the policy",
        "staged": "the rpms that lie ready; empty once they are not needed any more",
        "staged_at": "when they were staged; null before that",
        "tries": "how many boot runs have begun on it",
        "boot_id": "the kernel's id of the boot in which the state was reached; null for a root that does not run",
        "why": "what led to the state, where that is not plain",
    },
    "StagedPackage": {
        "nevra": "the package",
        "repo_id": "the repository it comes from",
        "checksum": "checksum of the rpm as the repository states it: compared when staged and before use",
        "size_bytes": "size of the rpm",
        "path": "where it lies, relative to the staging folder",
    },
}

VALUES: Final[dict[str, dict[str, str]]] = {
    "BootState": {
        "none": "nothing waits for the boot",
        "planned": "something waits and is not staged; `why` says what is in the way",
        "staged": "all lies ready, but nothing is set up to run it: the unit is not enabled, or the root is an image",
        "armed": "the next boot carries it out",
        "running": "a boot run is at it; found without one, it was interrupted and is taken up again at the next boot",
        "done": "the boot run ended as planned",
        "failed": "the boot run failed, or gave up after too many interruptions",
        "stale": "what was staged did not fit any more by the time of the boot: nothing was done",
        "cancelled": "somebody took it back; it is staged again when other changes wait",
    },
    "BootMethod": {
        "early": "early in a normal boot, before services start",
        "offline": "in a boot of its own, as an offline update of systemd, which ends in a reboot",
    },
}
