"""What the fields and values of the document of components mean."""

from __future__ import annotations

from typing import Final

FIELDS: Final[dict[str, dict[str, str]]] = {
    "ComponentCheck": {
        "document": "the kind of document",
        "version": "`major.minor`: a minor adds fields, a major breaks",
        "order": "the active components in the order in which ncm-ncd runs them; empty when there are problems",
        "problems": "what lets ncm-ncd run nothing at all; sorted",
        "warnings": "what to look at; sorted",
        "complete": "false when there are more cycles than are told",
    },
    "ComponentRun": {
        "name": "name of the component: what dependencies name, and its folder in the profile",
        "module": "Perl module below `NCM::Component` that runs: that of `ncm-module`, else the name",
        "packager": "whether it is what changes packages",
        "pre": "components that it has in `dependencies/pre`; sorted",
        "post": "components that it has in `dependencies/post`; sorted",
    },
    "ComponentRemark": {
        "path": "path in the profile",
        "kind": "what is wrong",
        "text": "what is wrong there, in one line",
        "chain": "of a cycle, its components: each has to run before the next, the last before the first, which is the "
        "first in the alphabet; else empty",
    },
}

VALUES: Final[dict[str, dict[str, str]]] = {
    "RemarkKind": {
        "malformed": "a problem: something is no dict, list, name or boolean where ncm-ncd wants one",
        "name": "a problem: ncm-ncd refuses the name of an active component",
        "module": "a problem: ncm-ncd refuses its `ncm-module`",
        "version": "a problem: ncm-ncd refuses its `version`",
        "missing": "a problem: a dependency names no component",
        "inactive": "a problem: a dependency names a component that is not active",
        "cycle": "a problem: components have to run before each other",
        "nothing-active": "a problem: no component is active",
        "no-flag": "a warning: a component does not say whether it is active, and does not run",
        "twice": "a warning: several active components do the same job, each for itself",
        "beside": "a warning: components depend on `spma` although there is a `packager`, and need not run after it",
        "installer": "a warning: AII runs `spma` at the end of an installation, and that is not active",
    },
}
