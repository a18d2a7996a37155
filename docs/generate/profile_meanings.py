"""What the fields of the document of `profile diff` mean."""

from __future__ import annotations

from typing import Final

FIELDS: Final[dict[str, dict[str, str]]] = {
    "ProfileDifference": {
        "document": "the kind of document",
        "version": "`major.minor`: a minor adds fields, a major breaks",
        "before": "the earlier profile",
        "after": "the later profile",
        "specs": "packages and comps groups that are asked for",
        "repositories": "repositories as the profiles state them, whatever stands in for them below `closure`",
        "modules": "module streams",
        "options": "options of the component, and the policy",
        "holds": "holds, those of the configuration of the host included",
        "aliases": "aliases, those of the configuration of the host included",
        "held": "what of `specs` a hold of the later profile has by name; sorted by spec",
        "closure": "what that comes to on other repositories; null unless some were named",
    },
    "Section": {
        "added": "what only the later profile has",
        "removed": "what only the earlier profile has",
        "changed": "what both have, and mean otherwise",
    },
    "Changed": {
        "before": "what the earlier profile says",
        "after": "what the later profile says",
        "fields": "names of the fields that differ; sorted; both sides read the same where only credentials differ",
    },
    "Option": {
        "name": "option of ncm-spma or key of `policy`; `dnfconf/KEY` for `[main]`, `plugins/NAME/KEY` for a plugin",
        "value": "its value; null where there is none",
    },
    "Hold": {
        "packages": "names or globs; sorted",
        "source": "true: it holds all packages of their source rpms as well",
        "install": "true: it also holds back the first install of such a package",
        "until": "`boot`, or the condition that has to be true",
        "exceptions": "the advisories that break it",
        "why": "what somebody said of it; may be empty",
        "origin": "where it was written",
    },
    "HoldExceptions": {
        "severity": "severities of advisories that break it, in lower case; sorted",
        "types": "types of advisories that break it, in lower case; sorted",
        "advisories": "ids of advisories that break it; sorted",
    },
    "Alias": {
        "name": "its name, without `@`",
        "definitions": "what it stands for, of which at most one is for a host",
        "origin": "where it was written",
    },
    "AliasDefinition": {
        "all_of": "members of which each is meant; empty when `any_of` is not",
        "any_of": "members of which the first that can be had is meant, in the written order",
        "when": "the hosts that it is for",
        "why": "what somebody said of it; may be empty",
    },
    "When": {
        "os_major": "major releases of the operating system; empty for any",
        "arch": "architectures; empty for any",
        "basearch": "architectures of repositories; empty for any",
    },
    "HeldSpec": {
        "spec": "name of the spec",
        "rule": "the entry of the hold that has it",
        "until": "`boot`, or the condition that has to be true",
        "why": "what somebody said of the hold; may be empty",
    },
    "ClosureDifference": {
        "before": "what the earlier profile comes to",
        "after": "what the later profile comes to",
        "is_comparable": "false: one of both cannot be solved, and there is nothing to tell",
        "added": "packages that come; `why` leads to each",
        "removed": "packages that go; `why` led to each before",
        "changed": "packages of another EVR; `why` leads to each",
        "choices": "aliases of which another member is taken; sorted by alias",
        "held": "the changes that a hold of the later profile keeps back; what cannot go without them waits too",
    },
    "ClosureSide": {
        "snapshot": "name of the snapshot it was solved on; empty for none",
        "snapshot_id": "id of that snapshot; empty for none",
        "packages": "number of packages; 0 when there is no solution",
        "problems": "what is asked for and impossible; sorted by origin",
        "notes": "remarks that change nothing",
    },
    "ChangedChoice": {
        "alias": "name of the alias",
        "before": "what was chosen of it; null when nothing is asked of it",
        "after": "what is chosen of it now; null when nothing is asked of it",
    },
}
