"""What each field and each value of our documents means: what the types cannot say."""

from __future__ import annotations

from typing import Final

from docs.generate import alias_meanings, boot_meanings, component_meanings, profile_meanings, snapshot_meanings

_DOCUMENT: Final = {
    "document": "the kind of document",
    "version": "`major.minor`: a minor adds fields, a major breaks",
}

_OTHER_FIELDS: Final = (
    alias_meanings.FIELDS
    | boot_meanings.FIELDS
    | component_meanings.FIELDS
    | profile_meanings.FIELDS
    | snapshot_meanings.FIELDS
)
_OTHER_VALUES: Final = boot_meanings.VALUES | component_meanings.VALUES | snapshot_meanings.VALUES

FIELDS: Final[dict[str, dict[str, str]]] = {
    "Plan": _DOCUMENT
    | {
        "id": "digest of the canonical document without `id`: the same inputs give the same id",
        "host": "what the host says of itself",
        "profile": "the profile that the plan was made from",
        "repositories": "every enabled repository that was read, and in which state; sorted by `repo_id`",
        "rpmdb_cookie": "rpm's cookie of the rpmdb; it changes whenever a package is installed or erased",
        "engine": "what solved the plan",
        "policy": "digest of the policy that the plan was made by",
        "degraded": "true when a repository with `skip_if_unavailable` is missing: nothing is removed or downgraded",
        "changes": "what `apply` does now; sorted by name, arch, action",
        "deferred": "changes that wait for boot or for a condition; in the order of `changes`",
        "kept": "packages that stay although the profile does not ask for them; sorted by NEVRA",
        "problems": "what is asked for and impossible; a plan with problems is not carried out",
        "notes": "remarks that change nothing",
        "configuration": "files that dnf reads and that will be written or removed; sorted by path",
        "keys": "public keys that `apply` imports; sorted by fingerprint",
        "advisories": "what is known of the advisories that changes of now or later name; sorted by id",
        "download_bytes": "sum of the sizes of the packages that come",
        "installed_bytes_change": "how much more disk the packages take afterwards; negative for less",
        "reboot": "whether the running system needs a reboot afterwards",
    },
    "Explanation": _DOCUMENT
    | {
        "package": "what was asked for",
        "installed": "NEVRAs that it names and the host has; sorted",
        "planned": "those that will be there once the whole plan is carried out, what waits included; sorted",
        "chains": "each way in which something brings one that is planned; by package, the shortest first",
        "changes": "what happens to them now; in the order of a plan",
        "held_by": "what of that waits for boot or for a condition",
        "kept_by": "those that stay although the profile does not ask for them",
        "blocked_by": "what is in the way of having it",
        "notes": "remarks of the plan on them",
        "listed": "paths in the profile that name it; sorted",
        "other_problems": "how many more problems the plan has; while there is any, none of it is carried out",
        "solved": "false when the profile has no solution, so that what it needs is not known",
        "if_listed": "NEVRAs that would come in addition if the profile listed it; sorted; empty when it is planned",
    },
    "Brought": {
        "nevra": "the package",
        "why": "the shortest chain of this way",
    },
    "Host": {
        "arch": "architecture of the machine, as rpm names it",
        "basearch": "architecture of its repositories: `$basearch`",
        "os_major": "major release of the operating system; null when the root does not say",
        "releasever": "`$releasever`; null when the root does not say",
        "kernel_release": "`uname -r`; null where no kernel runs",
        "root": "absolute path of the install root; `/` is the machine itself",
        "variables": "further variables of dnf; always empty in this version",
    },
    "ProfileRef": {
        "source": "absolute path of the file",
        "digest": "sha256 of its bytes",
    },
    "RepositoryRef": {
        "repo_id": "name of the repository in the profile, or of its folder with `--repos-from` or `--snapshot`",
        "revision": "revision that its metadata states; may be empty",
        "repomd": "sha256 of its `repomd.xml`, which has the checksums of all other metadata",
        "snapshot": "id of the snapshot that it is part of, with `--snapshot`; else null",
    },
    "EngineRef": {
        "name": "`dnf4`",
        "version": "version of dnf",
    },
    "Change": {
        "action": "what happens",
        "name": "name of the package",
        "arch": "architecture of what comes, or of what goes when nothing comes",
        "before": "EVRs that go, the oldest first; empty for an install",
        "after": "EVRs that come; empty for `remove` and `obsolete`",
        "repo_id": "repository it comes from; empty when nothing comes",
        "checksum": "checksum of the rpm as the repository states it; empty when nothing comes",
        "size_bytes": "size of the rpm",
        "why": "chain from a line in the profile to this package, or the one reason why it goes",
        "advisories": "ids of the advisories that lie between the newest installed build and the new one; sorted",
    },
    "CrossedAdvisory": {
        "advisory_id": "its id",
        "kind": "`security`, `bugfix`, `enhancement`, `newpackage`, or empty",
        "severity": "as upstream writes it; empty where it has none",
        "title": "its title; may be empty",
        "cves": "the CVEs that it closes; sorted",
    },
    "Deferral": {
        "cause": "`hold` for the held package itself, `closure` for what cannot go without it",
        "until": "`boot`, or a [condition](conditions.md)",
        "chain": "what leads from this package to the held one, a step in words each; or else the solver's words",
    },
    "Why": {
        "kind": "kind of the step; see [steps](#steps-of-a-chain)",
        "ref": "what the step starts from",
        "via": "what it goes by",
    },
    "Kept": {
        "nevra": "the installed package",
        "reason": "why it stays",
        "rule": "the entry, the limit or the dependency that keeps it",
    },
    "Problem": {
        "kind": "kind of problem",
        "spec": "the spec as it was written; empty when the fault is of no single one",
        "origin": "its path in the profile; empty when the fault is of no single one",
        "text": "what is impossible, in one line",
        "solutions": "edits of the profile or configuration that are proved to solve it; the least intrusive first",
    },
    "Note": {
        "kind": "kind of remark",
        "nevra": "the package it is about; empty when it is about no single one",
        "text": "the remark, in one line",
    },
    "ConfigurationChange": {
        "path": "the file, as it is seen from inside the root",
        "difference": "unified difference of its content, passwords as `***`; a file that goes loses every line",
    },
    "Key": {
        "fingerprint": "fingerprint of the key",
        "url": "where the repository says it is",
    },
    "Reboot": {
        "needed_after": "true when the running system takes a change up only after a reboot",
        "because": "NEVRAs of the packages that make it so",
    },
    "Report": _DOCUMENT
    | {
        "plan": "id of the plan; `unknown` for a run that came to none",
        "started": "when the run started",
        "finished": "when it ended",
        "outcome": "how it ended",
        "command": "what ran: `yumbridge apply`, `boot run`, or `component run` with the name of the component",
        "kind": "kind of the error that ended the run before anything was changed; else null",
        "packages": "the changes of the plan when the transaction ran, else empty; `differences` says what is not so",
        "changes": "number of changes of the plan when the transaction ran, else 0",
        "configuration": "paths of the files that were written or removed",
        "differences": "how the rpmdb differs from the plan, one line each; empty when it is as planned",
        "errors": "why the run failed or was refused, one line each",
        "output": "what the scriptlets printed",
        "deferred": "as in the plan; of a run that came to no plan, what the run before had",
        "reboot": "what calls for a reboot since the boot `boot_id`, earlier runs included",
        "boot_id": "the kernel's id of the boot in which the run ended; null for a root where no kernel runs",
        "resumed_after": "id of the plan of a run that was interrupted before this one, or `unknown`; else null",
    },
    "Status": _DOCUMENT
    | {
        "last_report": "report of the last run; null when there is none",
        "interrupted": "intent of a run that did not end; null when there is none",
        "boot_plan": "state of the boot plan; null when there is none",
        "boot": "all that is recorded of the boot plan, as `boot status` prints it",
        "reboot_needed": "true when a run of this boot calls for a reboot",
        "reboot_because": "NEVRAs of the packages that make it so",
        "boot_id": "the kernel's id of this boot; null for a root where no kernel runs",
        "drift": "how the installed packages differ from what the last run left; null when none is recorded",
    },
    "Drift": {
        "added": "NEVRAs that others installed since; sorted",
        "removed": "NEVRAs that others removed since; sorted",
    },
    "Inventory": _DOCUMENT
    | {
        "rpmdb_cookie": "rpm's cookie of the rpmdb after the run",
        "recorded": "when; empty where an earlier version wrote it",
        "packages": "every installed package; sorted by NEVRA",
    },
    "InventoryEntry": {
        "nevra": "the package",
        "reason": "`user` when the profile lists it, `dependency` otherwise",
    },
    "Intent": _DOCUMENT
    | {
        "plan": "id of the plan; `unknown` when the intent cannot be read",
        "started": "when the run started",
        "boot_id": "the kernel's id of the boot in which it started; empty when that cannot be read",
        "pid": "its process; 0 when that cannot be read",
        "reboot": "what its changes call for: the run after an interruption tells it",
    },
    "Desired": _DOCUMENT
    | {
        "specs": "wanted packages; sorted by origin",
        "repositories": "repositories in the written order, disabled ones included",
        "groups": "wanted comps groups; sorted by origin",
        "modules": "module streams; sorted by origin",
        "options": "options of the component, under their own names",
        "warnings": "what to look at; sorted",
    },
    "Checked": _DOCUMENT
    | {
        "specs": "number of wanted packages",
        "repositories": "number of repositories",
        "warnings": "what to look at; sorted",
    },
    "ErrorDocument": _DOCUMENT
    | {
        "kind": "kind of error, for programs",
        "message": "what went wrong, in one line",
        "details": "further lines: every problem with its place",
    },
    "Finding": {
        "path": "path in the profile",
        "text": "what is wrong there, in one line",
        "severity": "always `warning` here: a profile with problems gives an error document",
    },
    "Spec": {
        "name": "name of a package, a glob (`*`, `?`), `name.arch`, or `@` with the name of an alias or group",
        "evr": "version or version-release, either with `epoch:` before it, perhaps a glob; null for any",
        "arch": "architecture; null for the best one of the host",
        "repo_id": "the only repository it may come from; null for any",
        "member_types": "which members of a comps group count",
        "is_group": "true when it is a comps group, whatever aliases there are",
        "aliases": "the aliases that lead to it; empty as long as they are not expanded",
        "origin": "its path in the profile",
    },
    "Repository": {
        "repo_id": "its name",
        "urls": "where it is; tried in order",
        "enabled": "whether it is used",
        "priority": "1 is the strongest, 99 dnf's default",
        "gpgcheck": "whether the signatures of its packages are checked",
        "repo_gpgcheck": "whether the signature of its metadata is checked",
        "gpgkeys": "URLs of its public keys",
        "gpgcakey": "URL of the key that signs its keys; null for none; written to its file, not used by plans",
        "excludepkgs": "names or globs that are never taken from it",
        "includepkgs": "if not empty: the only names or globs that are taken from it",
        "proxy": "its own proxy; null for the general one, empty for none",
        "skip_if_unavailable": "true: while it cannot be reached, the plan is degraded; false: the plan is an error",
        "module_hotfixes": "whether its packages are offered whatever module streams are enabled",
        "sslcacert": "file of the certificates that its server is checked with; null for the system's",
        "sslclientcert": "file of the client's certificate; null for none",
        "sslclientkey": "file of the client's key; null for none",
        "sslverify": "whether its server's certificate is checked",
        "origin": "its path in the profile",
    },
    "Group": {
        "name": "id of a comps group or environment",
        "mandatory": "whether its mandatory members are wanted",
        "default": "whether its default members are wanted",
        "optional": "whether its optional members are wanted",
        "origin": "its path in the profile",
    },
    "ModuleStream": {
        "name": "name of the module",
        "stream": "its stream; null for the default one",
        "enabled": "false to disable the module",
        "origin": "its path in the profile",
    },
    "SpmaOptions": {
        "packager": "backend of ncm-spma that the profile was written for; decides how its short forms are read",
        "run": "false: plan and report, change nothing",
        "userpkgs": "true: installed packages that the profile does not ask for stay",
        "userpkgs_retry": "not needed here, ignored",
        "fullsearch": "not needed here, ignored",
        "process_obsoletes": "true: a name without version may be met by a package that obsoletes it",
        "filter": "regular expression: only listed names that it matches, and what they require, are changed",
        "repository_cleanup": "whether foreign `.repo` files are removed; null for what the backend does",
        "reposdirs": "further folders of `.repo` files, for `dnf.conf`; plans read none of them",
        "main_options": "options of dnf's `[main]`, with what `dnfconf` or `yumconf` says of them",
        "plugins": "plugins of dnf, for their files; plans load none of them",
        "modules": "false: `/software/modules` is ignored; true: states of other modules are removed",
        "proxy": "false: the proxies below are not used",
        "proxyhost": "proxies as host or host:port, in order",
        "proxyport": "port of the proxies that name none",
        "proxytype": "how the proxies are used; null for what the backend does",
        "proxyrandom": "true: the order of `proxyhost` is turned by a hash of the host's name",
        "excludes": "names or globs that are never installed; as `main_options.exclude`",
        "whitelist": "prefixes or globs of `name-version-release.arch` that are never removed",
        "yumconf": "lines for `[main]` of `dnf.conf`; counts only where `dnfconf` is null",
        "dnfconf": "lines for `[main]` of `dnf.conf`",
        "quattor_os_file": "file for the release stamp, written after a run that ended as planned",
        "quattor_os_release": "the release stamp",
    },
    "MainOptions": {
        "exclude": "names or globs that are never installed",
        "installonly_limit": "how many builds of an installonly package may stand side by side; 0 for no limit",
        "retries": "how often a download is tried",
        "timeout_s": "seconds after which a silent connection is given up",
        "keepcache": "true: downloaded packages stay in the cache once they are installed",
        "best": "true: a listed package whose newest candidate cannot be installed is a problem",
        "weak_deps": "whether Recommends and Supplements are followed; only `dnfconf` or `yumconf` can say it",
        "allow_vendor_change": "whether an upgrade may come from another vendor; only these texts can say it",
        "proxy": "URL of the forward proxy; only these texts can say it, and `proxyhost` beats it",
    },
    "Plugins": {
        "fastestmirror": "the plugin fastestmirror",
        "versionlock": "the plugin versionlock",
        "priorities": "the plugin priorities",
        "subscription_manager": "the plugin subscription-manager",
        "product_id": "the plugin product-id",
    },
    "FastestMirror": {
        "enabled": "whether it is on",
        "verbose": "its option `verbose`",
        "always_print_best_host": "its option `always_print_best_host`",
        "socket_timeout_s": "its option `socket_timeout`, in seconds",
        "host_file_path": "its option `hostfilepath`",
        "max_host_file_age_days": "its option `maxhostfileage`, in days",
        "max_threads": "its option `maxthreads`",
        "exclude": "its option `exclude`",
        "include_only": "its option `include_only`",
    },
    "VersionLock": {
        "enabled": "whether it is on",
        "locklist": "its option `locklist`",
        "follow_obsoletes": "its option `follow_obsoletes`; null leaves it to the plugin",
    },
    "Priorities": {
        "enabled": "whether it is on",
        "check_obsoletes": "its option `check_obsoletes`; null leaves it to the plugin",
    },
    "SubscriptionManager": {
        "enabled": "whether it is on",
        "disable_system_repos": "its option `disable_system_repos`; null leaves it to the plugin",
    },
    "ProductId": {
        "enabled": "whether it is on",
    },
} | _OTHER_FIELDS

VALUES: Final[dict[str, dict[str, str]]] = {
    "Action": {
        "install": "it comes; nothing of its name and arch goes, or it is installonly",
        "upgrade": "a newer EVR takes the place of an older one",
        "downgrade": "an older EVR takes the place of a newer one",
        "reinstall": "never planned",
        "remove": "it goes",
        "obsolete": "it goes because a newcomer obsoletes it; the newcomer has an entry of its own",
    },
    "KeptReason": {
        "gpg-pubkey": "it is an imported key, not a package",
        "running-kernel": "it belongs to the kernel that runs",
        "protected": "it is protected: the bridge itself, dnf, or a name of `policy.protected` or dnf's protected.d",
        "whitelist": "the whitelist of the policy or of the profile has it",
        "user-package": "the profile lets packages stay that it does not ask for (`userpkgs`)",
        "required-by-kept": "a package that stays needs it",
        "outside-filter": "the profile has a `filter`, and no package is removed by a staged install",
        "degraded": "an optional repository is missing, and it may be wanted from there",
        "installonly-limit": "it is an older build of an installonly package, and the limit leaves room for it",
    },
    "ProblemKind": {
        "not-found": "no package has the name, or none of that name has the version or arch",
        "unsolvable": "the solver finds no set of packages that meets every demand",
        "excluded": "the only candidates are excluded",
        "conflicting-versions": "two versions of one name are wanted that cannot stand side by side",
        "kept-conflict": "what is wanted does not fit with a package that stays",
        "module": "a module stream cannot be enabled or disabled",
        "repository": "not given by this version: an unreachable repository is an error",
        "disk-space": "not given by this version",
        "signature": "a repository checks signatures and its key cannot be used",
        "alias": "nothing can be had of an alias, or it has no definition for the host",
        "empty-package-list": "not given by this version: an empty package list is an error",
    },
    "NoteKind": {
        "missing-member": "no repository has a member of a wanted group",
        "module": "a module stream is wanted, and no repository has modules",
        "degraded": "an optional repository is missing, or what was left as it is because of that",
        "unreadable-file": "a file of dnf's that the user who plans may not read: it is not compared",
        "provided-by": "no package bears a wanted name, and a package that provides it is taken",
        "not-newest": "the newest candidate of a listed name was passed over, and why",
        "hold": "a hold names a package that is neither installed nor wanted",
        "hold-broken": "an advisory lets a package go in spite of a hold, because the hold says so",
        "untried": "the bound on solves was reached before something that helps was found for each problem",
        "alias": "which member of an alias is taken, and why not an earlier one; or an alias beats a group of its name",
        "condition": "it is not known whether a condition is true, so that its hold is in force",
        "unsigned-repository": "the signatures of packages of this repository are not checked",
    },
    "Outcome": {
        "as-planned": "the rpmdb has exactly what the plan says, and nothing failed",
        "nothing-to-do": "there was nothing to change, and no file to write",
        "refused": "nothing was done; `errors` says why",
        "failed": "rpmdb or files are not as planned, a package or scriptlet failed, or the run did not come so far",
        "interrupted": "not given by this version: an interrupted run leaves an intent",
    },
    "ProxyType": {
        "forward": "the proxy is asked for the repository",
        "reverse": "the proxy stands in place of the repository's host",
    },
    "Severity": {
        "problem": "the profile cannot be used",
        "warning": "someone should look at it",
    },
} | _OTHER_VALUES

STEPS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("profile", "the path of a spec", "the name of what meets it, or `@id` of a group", "somebody asked for it"),
    ("alias", "the name of an alias", "the member, or `@name` of one", "the alias has it as a member"),
    ("group", "the id of a group", "the name of the package that meets it", "the group has it as a member"),
    ("requires", "the NEVRA of a package of the closure", "the capability", "that package requires it"),
    ("recommends", "the NEVRA of a package of the closure", "the capability", "that package recommends it"),
    ("supplements", "the NEVRA of a package of the closure", "the capability", "it supplements that package"),
    ("same-name", "the NEVRA of its other arch or build", "", "it comes beside that one"),
    (
        "not-in-profile",
        "the time of the last run that knew; may be empty",
        "`listed`, `unlisted` or `absent` then; may be empty",
        "nothing that the profile asks for needs it",
    ),
    ("obsoleted-by", "the NEVRA of the newcomer", "", "the newcomer obsoletes it"),
    ("duplicate", "the NEVRA that stays", "", "another build of it is there too, and is the right one"),
    ("superseded", "the NEVRA that is wanted", "", "it is an older build of an installonly package, beyond the limit"),
)
