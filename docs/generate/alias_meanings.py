"""What the fields of the documents of aliases mean."""

from __future__ import annotations

from typing import Final

_DOCUMENT: Final = {
    "document": "the kind of document",
    "version": "`major.minor`: a minor adds fields, a major breaks",
}

FIELDS: Final[dict[str, dict[str, str]]] = {
    "AliasDocument": _DOCUMENT
    | {
        "host": "what definitions are selected by",
        "profile": "the profile whose aliases count as well; null where there is none",
        "aliases": "every alias, or the one that was asked for; sorted by `name`",
    },
    "AliasHost": {
        "os_major": "major release of the operating system; null when the root does not say",
        "arch": "architecture; empty where nobody named it and no definition is for some alone",
        "basearch": "architecture of its repositories; empty where no definition is for some architectures alone",
    },
    "AliasExplanation": {
        "name": "name of the alias, without `@`",
        "origin": "where it is defined: a file, or a path of the profile, and the key in it",
        "definitions": "all of them, in the written order",
        "definition": "number of the one that is for this host, from 0; null when there is none",
        "expansion": "what it comes to on this host, the shortest chains first; each name once",
        "chosen": "of `alias show`: the choice for each `any_of` in it, in the order in which they were made",
        "used_by": "paths of the profile whose specs lead to it; sorted",
        "problems": "what of it cannot be had; of `alias list` only what has no definition for this host",
        "notes": "of `alias show`: remarks that change nothing",
    },
    "AliasMember": {
        "name": "name of a package, a glob, `name.arch` or `@` with the id of a group; of an undecided alias its own",
        "aliases": "the aliases that lead to it, the outermost first",
        "undecided": "true for an alias with `any_of` of which nothing is chosen",
        "packages": "NEVRAs that meet it, sorted: of a glob or group those that nothing else lists; null when nothing "
        "was solved, or there is no solution",
    },
    "Choice": {
        "alias": "name of the alias",
        "member": "the member that is taken; null when none can be had",
        "passed_over": "the members before it, in the written order",
        "not_needed": "the members after it, in the written order",
    },
    "PassedMember": {
        "member": "the member",
        "why": "why it is not taken",
    },
    "AliasExport": _DOCUMENT
    | {
        "name": "name of the alias",
        "nevra": "the rpm",
        "path": "absolute path of its file",
        "requires": "what it requires, as a spec file has it; in the written order",
        "left_out": "members of an `any_of` that are left out, with their chains: no definition is for this host",
    },
}
