"""Match specs with what repositories offer: no solver, no bindings, only rules.

A spec is a dictionary with "name", "evr", "arch" and "repo_id" (the last three may be None). A candidate is any object
with the attributes name, epoch, version, release, arch and reponame, ordered by EVR, as hawkey's packages are.
"""

import re

_GLOB = re.compile(r"[*?]")

# How many of a package's builds an error names.
_SHOWN = 3

_NOARCH = "noarch"


class Match:
    """What one spec came to.

    `jobs` has one list of candidates per package name, of which the solver takes one each. `problem` is None or a
    (kind, text). `provider` is true when no package bears the name and `jobs` holds packages that provide it.
    """

    def __init__(self):
        self.jobs = []
        self.problem = None
        self.provider = False

    def fail(self, kind, text):
        """Record why nothing meets the spec."""
        self.jobs = []
        self.problem = (kind, text)


def is_glob(text):
    """Tell whether `text` has a glob character. Brackets have no meaning in a spec."""
    return bool(text) and _GLOB.search(text) is not None


def glob_regex(pattern):
    """Return the compiled form of a glob with `*` and `?` only."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("(?s)" + "".join(parts) + r"\Z")


def evr_matcher(pattern):
    """Return a predicate on candidates: is the EVR the one that `pattern` names?

    `pattern` is version or version-release, either with `epoch:` before it; without an epoch any epoch will do.
    """
    epoch, colon, rest = pattern.partition(":")
    if not (colon and epoch.isdigit()):
        epoch, rest = "", pattern
    if is_glob(rest):
        matches = glob_regex(rest).match
    else:

        def matches(text):
            return text == rest

    def matcher(candidate):
        if epoch and candidate.epoch != int(epoch):
            return False
        return bool(matches(candidate.version) or matches(candidate.version + "-" + candidate.release))

    return matcher


def split_arch(name, arches):
    """Return (name, arch) of a `name.arch`, or (name, None) when the end is no arch of this host."""
    stem, dot, arch = name.rpartition(".")
    return (stem, arch) if dot and stem and arch in arches else (name, None)


class Catalogue:
    """The offered packages by name. `arches` lists the host's arches, the best first, noarch among them."""

    def __init__(self, by_name, arches, installonly=frozenset()):
        self.by_name = by_name
        self.arches = arches
        self.installonly = installonly
        native = [arch for arch in arches if arch != _NOARCH]
        self._rank = {arch: index for index, arch in enumerate(native)}
        self._rank[_NOARCH] = 0

    def best_arch(self, candidates):
        """Return those candidates whose arch is the best any of them has; noarch is as good as native.

        What no host of this arch can run is left out: repositories may hold packages of every arch.
        """
        candidates = [candidate for candidate in candidates if candidate.arch in self._rank]
        ranks = [self._rank[candidate.arch] for candidate in candidates]
        best = min(ranks) if ranks else 0
        return [candidate for candidate, rank in zip(candidates, ranks) if rank == best]

    def select(self, spec, candidates, arch):
        """Return the candidates that the host, and the EVR, arch and repository of `spec` allow."""
        if spec["evr"]:
            candidates = list(filter(evr_matcher(spec["evr"]), candidates))
        if spec["repo_id"]:
            candidates = [candidate for candidate in candidates if candidate.reponame == spec["repo_id"]]
        if arch:
            return [candidate for candidate in candidates if candidate.arch == arch and arch in self._rank]
        return self.best_arch(candidates)


def names_to_query(specs, arches):
    """Return (names, globs) that one query each has to ask for, for all of `specs`."""
    names, globs = set(), set()
    for spec in specs:
        if is_glob(spec["name"]):
            globs.add(spec["name"])
        else:
            names.add(spec["name"])
            names.add(split_arch(spec["name"], arches)[0])
    return sorted(names), sorted(globs)


def match_specs(specs, catalogue):
    """Return one Match per spec, in their order. Those whose name no package bears are left empty."""
    matches = [Match() for _ in specs]
    literal = {}
    globs = {}
    for index, spec in enumerate(specs):
        if is_glob(spec["name"]):
            pattern = glob_regex(spec["name"])
            for name in catalogue.by_name:
                if pattern.match(name):
                    globs.setdefault(name, []).append((index, spec["arch"]))
        else:
            name, arch = _named(spec, catalogue)
            literal.setdefault(name, []).append((index, arch))
    for name, wanted in sorted(literal.items()):
        _match_name(specs, matches, catalogue, (name, wanted))
    # A specific entry beats a glob for the names that it covers.
    for name, wanted in sorted(globs.items()):
        if name not in literal:
            _match_name(specs, matches, catalogue, (name, wanted))
    covered = set(literal)
    for index, spec in enumerate(specs):
        if is_glob(spec["name"]) and not matches[index].jobs and not matches[index].problem:
            _fail_glob(spec, matches[index], catalogue, covered)
    return matches


def _named(spec, catalogue):
    """Return the (name, arch) that a spec without globs means: `name.arch` only if no package bears the whole."""
    if spec["name"] in catalogue.by_name or spec["arch"]:
        return spec["name"], spec["arch"]
    stem, arch = split_arch(spec["name"], catalogue.arches)
    return (stem, arch) if stem in catalogue.by_name else (spec["name"], None)


def _match_name(specs, matches, catalogue, entry):
    """Select candidates for every spec that wants one name, and settle what they say together."""
    name, wanted = entry
    offered = catalogue.by_name.get(name, ())
    found = [(index, arch, catalogue.select(specs[index], offered, arch)) for index, arch in wanted]
    # A glob that no build of this name fits has nothing to say about it.
    found = [each for each in found if each[2] or not is_glob(specs[each[0]]["name"])]
    versioned = {arch for index, arch, _ in found if specs[index]["evr"]}
    # A versioned entry beats an unversioned one of the same name: what meets the one meets the other.
    beaten = [(index, arch) for index, arch, _ in found if arch in versioned and not specs[index]["evr"]]
    chosen = [each for each in found if each[:2] not in beaten]
    for index, arch, candidates in chosen:
        if offered and not candidates:
            matches[index].fail("not-found", _why_none(specs[index], name, arch, catalogue))
    selected = [(index, candidates) for index, _, candidates in chosen if candidates]
    if name not in catalogue.installonly:
        selected = _agree(specs, matches, selected)
    for index, candidates in selected:
        if not matches[index].problem:
            matches[index].jobs.append(candidates)
    for index, arch in beaten:
        _borrow_jobs(matches, index, [i for i, a, candidates in chosen if a == arch and candidates])


def _borrow_jobs(matches, index, lenders):
    """Let an unversioned spec be met by what its versioned neighbours chose."""
    for lender in lenders:
        matches[index].jobs.extend(matches[lender].jobs[-1:])


def _agree(specs, matches, selected):
    """Intersect, per arch, the candidates of several specs for one name that is not installonly.

    One host holds one EVR of such a name for all arches, so that the EVRs of every spec have to meet.
    """
    if len(selected) <= 1:
        return selected
    common = set.intersection(*({_evr(c) for c in candidates} for _, candidates in selected))
    if common:
        return [(index, [c for c in candidates if _evr(c) in common]) for index, candidates in selected]
    texts = sorted({specs[index]["evr"] or "any version" for index, _ in selected})
    for index, candidates in selected:
        matches[index].fail(
            "conflicting-versions",
            "%s is wanted as %s, and only one can be installed" % (candidates[0].name, " and as ".join(texts)),
        )
    return []


def _evr(candidate):
    return (candidate.epoch, candidate.version, candidate.release)


def _why_none(spec, name, arch, catalogue):
    """Say what there is of a name when no candidate fits the spec."""
    offered = catalogue.by_name[name]
    if spec["evr"] and not any(map(evr_matcher(spec["evr"]), offered)):
        evrs = list(dict.fromkeys("%s-%s" % (c.version, c.release) for c in sorted(offered)))
        shown = ", ".join(evrs[-_SHOWN:]) + (" and %d more" % (len(evrs) - _SHOWN) if len(evrs) > _SHOWN else "")
        return "no %s %s; there is %s" % (name, spec["evr"], shown)
    if spec["repo_id"] and not any(c.reponame == spec["repo_id"] for c in offered):
        return "no %s in repository %s; it is in %s" % (
            name,
            spec["repo_id"],
            ", ".join(sorted({c.reponame for c in offered})),
        )
    if arch and arch not in catalogue.arches:
        return "%s is wanted for %s, and this host has no such packages" % (name, arch)
    wanted = "%s-%s" % (name, spec["evr"]) if spec["evr"] else name
    return "no %s for %s; there is %s" % (
        wanted,
        arch or "this host",
        ", ".join(sorted({c.arch for c in offered})),
    )


def _fail_glob(spec, match, catalogue, covered):
    pattern = glob_regex(spec["name"])
    names = [name for name in catalogue.by_name if pattern.match(name)]
    if names and all(name in covered for name in names):
        return
    if not names:
        match.fail("not-found", "no package name matches %s" % spec["name"])
    elif spec["evr"]:
        match.fail("not-found", "no package that matches %s has version %s" % (spec["name"], spec["evr"]))
    else:
        match.fail("not-found", "no package that matches %s is for this host" % spec["name"])
