"""What the specs of a closure request mean in the loaded repositories."""

from fnmatch import fnmatchcase

import specs as rules

_GROUP = "@"


class Matching:
    """Candidates for every spec. `missing` has [spec number, name] of group members that no repository has."""

    def __init__(self, session, request):
        self._session = session
        self._request = request
        self._specs = request["specs"]
        self._catalogue = None
        self._matches = []
        self._conditional = []
        self.missing = []

    def match(self):
        """Return one Match per spec, in their order."""
        groups = {
            number: self._session.comps.members(spec["name"][1:], spec["member_types"])
            for number, spec in enumerate(self._specs)
            if spec["name"].startswith(_GROUP)
        }
        query = self._session.offered().filter(arch__neq=["src", "nosrc"])
        self._catalogue = self._read(query, {name for found in groups.values() for name, _ in found or ()})
        self._matches = rules.match_specs(self._specs, self._catalogue)
        for number, (spec, match) in enumerate(zip(self._specs, self._matches)):
            if number in groups:
                self._add_members(number, groups[number])
            elif not match.jobs and not match.problem and not rules.is_glob(spec["name"]):
                self._meet_otherwise(spec, match, query)
        if self._request["obsoleters_meet_names"]:
            self._add_obsoleters(query)
        return self._matches

    def _read(self, query, members):
        """Return the catalogue of all names that matter, found with one query for names and one for globs."""
        arches = self._session.arches()
        names, globs = rules.names_to_query(self._specs, arches)
        found = query.filter(name=sorted(members.union(names)))
        if globs:
            found = found.union(query.filter(name__glob=globs))
        by_name = {}
        for package in found:
            by_name.setdefault(package.name, []).append(package)
        beside = {package.name for package in self._session.installonly(found)}
        return rules.Catalogue(by_name, arches, beside)

    # Groups

    def _add_members(self, number, members):
        """Let a group stand for its members. One that is listed on its own is left to its own line."""
        match = self._matches[number]
        if members is None:
            match.fail("not-found", "no group or environment is named %s" % self._specs[number]["name"][1:])
            return
        listed = {spec["name"] for spec in self._specs}
        for name, condition in members:
            if name in listed:
                continue
            if condition is not None:
                self._conditional.append((number, name, condition))
            elif not self._add_member(number, name):
                self.missing.append([number, name])

    def _add_member(self, number, name):
        candidates = self._catalogue.best_arch(self._catalogue.by_name.get(name, []))
        if candidates:
            self._matches[number].jobs.append(candidates)
        return bool(candidates)

    @property
    def is_conditional(self):
        """True while there are members whose condition is not met yet."""
        return bool(self._conditional)

    def add_conditional(self, present):
        """Add the conditional members whose condition is among the names `present`; tell whether any was new."""
        due = [entry for entry in self._conditional if entry[2] in present]
        self._conditional = [entry for entry in self._conditional if entry not in due]
        added = [self._add_member(number, name) for number, name, _ in due if name not in present]
        return any(added)

    # Names that no package bears

    def _meet_otherwise(self, spec, match, query):
        """Look for providers of a name that no package bears, or say why there are none."""
        if spec["name"] in self._catalogue.by_name:
            return
        why = self._why_hidden(spec["name"])
        if why:
            match.fail("excluded", why)
            return
        providers = self._providers(spec["name"], query) if not spec["evr"] else []
        providers = self._catalogue.select(spec, providers, spec["arch"])
        if providers:
            match.jobs = [providers]
            match.provider = True
        elif spec["evr"]:
            match.fail("not-found", "no package is named %s" % spec["name"])
        else:
            match.fail("not-found", "no package is named %s, and none provides it" % spec["name"])

    def _providers(self, name, query):
        """Return what provides a name, or has the file of that path, as `dnf install` takes one."""
        found = list(query.filter(provides=name))
        return found or (list(query.filter(file=name)) if name.startswith("/") else [])

    def _why_hidden(self, name):
        """Say why a name cannot be seen that a repository does have, or return nothing."""
        if self._session.is_in_a_stream(name):
            return "%s is only in module streams that are not enabled" % name
        if self._session.everything().available().filter(name=name):
            is_unwanted = any(fnmatchcase(name, entry) for entry in self._request["unwanted"])
            return "%s is %s" % (name, "unwanted" if is_unwanted else "excluded")
        return ""

    def _add_obsoleters(self, query):
        """Let packages that obsolete an unversioned name's candidates meet it too, as `dnf install` does."""
        plain = [
            match
            for spec, match in zip(self._specs, self._matches)
            if match.jobs and not match.provider and not spec["evr"] and not rules.is_glob(spec["name"])
        ]
        candidates = [package for match in plain for job in match.jobs for package in job]
        query = query.filter(arch=self._session.arches())
        if not candidates or not query.filter(obsoletes=candidates):
            return
        for match in plain:
            match.jobs = [job + [p for p in query.filter(obsoletes=job) if p not in job] for job in match.jobs]
