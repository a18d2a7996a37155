"""What the fields and values of the documents of boot plans and conditions mean."""

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
        "waits": "digest of the changes that wait: what was cancelled, or given up, are these",
        "changes": "how many changes wait",
        "losses": "NEVRAs that it removes or downgrades: no boot run does that to others; sorted",
        "staged": "the rpms that lie ready; empty once they are not needed any more",
        "staged_at": "when they were staged; null before that",
        "ended_at": "when the last boot run ended; null before one has",
        "tries": "how many boot runs have begun on it",
        "boot_id": "the kernel's id of the boot in which the state was reached; null for a root that does not run",
        "why": "what led to the state, where that is not plain",
    },
    "ConditionDocument": {
        "document": "the kind of document",
        "version": "`major.minor`: a minor adds fields, a major breaks",
        "holds": "whether it is surely true",
        "reasons": "what each part of it comes to, in written order",
        "next_true": "when it is next true, if nothing but the time changes, in UTC; null when it is now, or not known",
    },
    "Reason": {
        "text": "what is the case",
        "holds": "whether that part is true; null when that is not known",
    },
    "Condition": {
        "all_of": "conditions all of which have to be true; null for none, as with every key",
        "any_of": "conditions one of which has to be true",
        "none_of": "conditions none of which may be true",
        "boot": "whether it has to be a boot, or to be none",
        "between": "times of the day, `HH:MM-HH:MM`",
        "days": "days of the week on which the window begins",
        "dates": "dates or ranges of dates",
        "timezone": "zone of the three; null for that of the host",
        "max_load": "the highest load of a minute",
        "logged_in": "whether somebody has to be logged in, or nobody",
        "file_exists": "a file that has to be there",
        "command": "a program, with its arguments, that has to exit with 0",
        "timeout_s": "seconds after which the command is killed; null for 30",
        "minimum_remaining": "for how many minutes the rest has to stay true",
        "splay": "up to how many minutes later hosts begin",
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
