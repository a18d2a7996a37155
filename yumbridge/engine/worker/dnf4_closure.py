"""The closure: what a host that has nothing would get for a list of specs."""

import hawkey
from dnf.selector import Selector

import specs as rules
from dnf4_reasons import Reasons

# What the solver says, joined to one line per problem.
_JOIN = "; "


def problem_texts(goal):
    """Return one line per problem of a failed goal."""
    return [_JOIN.join(" ".join(str(line).split()) for line in lines) for lines in goal.problem_rules()]


def selector(sack, packages):
    """Return the selector of exactly one of `packages`."""
    chosen = Selector(sack)
    chosen.set(pkg=packages)
    return chosen


def sorted_packages(packages):
    """Return packages in an order that depends on nothing but themselves."""
    return sorted(packages, key=lambda p: (p.name, p.arch, p.evr, p.reponame))


class Closure:
    """One closure request on a session whose sack has no installed packages."""

    def __init__(self, session, request):
        self.session = session
        self.sack = session.sack
        self.request = request
        self.specs = request["specs"]

    def solve(self):
        """Return the answer: packages, what met each spec, problems, what was passed over, and the edges."""
        unwanted = self.request["unwanted"]
        if unwanted:
            self.sack.add_excludes(self.sack.query().available().filter(name__glob=unwanted))
        try:
            return self._solve()
        finally:
            self.sack.set_excludes(self.session.excludes)

    def _solve(self):
        matches = self._match()
        jobs = self._jobs(matches)
        goal, solved = self._run(jobs, best=True)
        best_problems = []
        if not solved and not self.request["require_best"]:
            best_problems = problem_texts(goal)
            goal, solved = self._run(jobs, best=False)
        packages = sorted_packages(goal.list_installs()) if solved else []
        index = {package: number for number, package in enumerate(packages)}
        answer = {
            "packages": self._rows(packages),
            "met": [self._met(match, index) for match in matches],
            "providers": [number for number, match in enumerate(matches) if match.provider],
            "unmet": [[number] + list(match.problem) for number, match in enumerate(matches) if match.problem],
            "problems": [] if solved else self._blame(matches, problem_texts(goal)),
            "passed_over": self._passed_over(matches, jobs, index) if solved and best_problems else [],
            "edges": [],
        }
        if self.request["reasons"]:
            answer["edges"] = Reasons(self.sack, packages).edges()
        return answer

    # What the specs mean

    def _match(self):
        arches = self.session.arches()
        names, globs = rules.names_to_query(self.specs, arches)
        query = self.sack.query().available().filter(arch__neq=["src", "nosrc"])
        found = query.filter(name=names)
        if globs:
            found = found.union(query.filter(name__glob=globs))
        by_name = {}
        for package in found:
            by_name.setdefault(package.name, []).append(package)
        beside = {package.name for package in self.session.installonly(found)}
        catalogue = rules.Catalogue(by_name, arches, beside)
        matches = rules.match_specs(self.specs, catalogue)
        for spec, match in zip(self.specs, matches):
            if not match.jobs and not match.problem and not rules.is_glob(spec["name"]):
                self._meet_otherwise(spec, match, catalogue, query)
        if self.request["obsoleters_meet_names"]:
            self._add_obsoleters(matches, query)
        return matches

    def _meet_otherwise(self, spec, match, catalogue, query):
        """Look for providers of a name that no package bears, or say why there are none."""
        if spec["name"] in catalogue.by_name:
            return
        if spec["name"].startswith("@"):
            match.fail("alias", "aliases and groups are not supported by this version: %s" % spec["name"])
            return
        everything = self.sack.query(flags=hawkey.IGNORE_EXCLUDES).available()
        if everything.filter(name=spec["name"]):
            match.fail("excluded", "%s is excluded" % spec["name"])
            return
        providers = list(query.filter(provides=spec["name"])) if not spec["evr"] else []
        providers = catalogue.select(spec, providers, spec["arch"])
        if providers:
            match.jobs = [providers]
            match.provider = True
        elif spec["evr"]:
            match.fail("not-found", "no package is named %s" % spec["name"])
        else:
            match.fail("not-found", "no package is named %s, and none provides it" % spec["name"])

    def _add_obsoleters(self, matches, query):
        """Let packages that obsolete an unversioned name's candidates meet it too, as `dnf install` does."""
        plain = [
            match
            for spec, match in zip(self.specs, matches)
            if match.jobs and not match.provider and not spec["evr"] and not rules.is_glob(spec["name"])
        ]
        candidates = [package for match in plain for job in match.jobs for package in job]
        query = query.filter(arch=self.session.arches())
        if not candidates or not query.filter(obsoletes=candidates):
            return
        for match in plain:
            match.jobs = [job + [p for p in query.filter(obsoletes=job) if p not in job] for job in match.jobs]

    # Solving

    def _jobs(self, matches):
        jobs = [sorted_packages(job) for match in matches for job in match.jobs]
        return sorted(jobs, key=lambda job: (job[0].name, job[0].arch, job[0].evr, len(job)))

    def _run(self, jobs, best):
        goal = hawkey.Goal(self.sack)
        for job in jobs:
            goal.install(select=selector(self.sack, job))
        solved = goal.run(force_best=best, ignore_weak_deps=not self.request["weak_deps"])
        return goal, solved

    def _met(self, match, index):
        return sorted({index[package] for job in match.jobs for package in job if package in index})

    def _blame(self, matches, texts):
        """Return [spec number or None, text] per problem: the first spec of which a candidate is mentioned."""
        blamed = []
        for text in texts:
            words = set(text.replace(",", " ").replace(";", " ").split())
            number = next(
                (
                    n
                    for n, match in enumerate(matches)
                    if not match.problem and any(str(p) in words for job in match.jobs for p in job)
                ),
                None,
            )
            blamed.append([number, text])
        return blamed

    def _passed_over(self, matches, jobs, index):
        """Return [spec number, NEVRA, reason] for each spec whose newest candidate is not in the closure."""
        passed = []
        for number, match in enumerate(matches):
            for job in match.jobs:
                newest = self._newest(job)
                if newest in index:
                    continue
                passed.append([number, str(newest), self._why_not(newest, jobs)])
        return passed

    def _why_not(self, package, jobs):
        """Return why `package` is not in a closure that was solved without `best`."""
        goal, solved = self._run(jobs + [[package]], best=False)
        if solved:
            # It fits, but not beside the newest candidate of every other spec.
            goal, solved = self._run(jobs + [[package]], best=True)
        texts = [] if solved else problem_texts(goal)
        return _JOIN.join([text for text in texts if str(package) in text] or texts) or "it does not fit with the rest"

    def _newest(self, job):
        """Return the candidate that `best` asks for: an obsoleter of the others first, then the newest build."""
        name = job[0].name
        others = [p for p in job if p.name != name]
        own = [p for p in job if p.name == name]
        return max(others or own)

    def _rows(self, packages):
        """Return a row per package: see Package of the other side."""
        beside = set(self.session.installonly(self.sack.query().filter(pkg=packages)))
        return [
            [
                p.name,
                p.epoch,
                p.version,
                p.release,
                p.arch,
                p.reponame,
                checksum(p),
                p.downloadsize,
                p.installsize,
                p.sourcerpm or "",
                p in beside,
            ]
            for p in packages
        ]


def checksum(package):
    """Return "type:<hex>" of the rpm, as the repository states it."""
    kind, value = package.chksum
    return "%s:%s" % (hawkey.chksum_name(kind), value.hex())
