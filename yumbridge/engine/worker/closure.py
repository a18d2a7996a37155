"""The closure: what a host that has nothing would get for a list of specs."""

from matching import Matching
from reasons import Reasons

# What the solver says, joined to one line per problem.
_JOIN = "; "


def problem_texts(goal):
    """Return one line per problem of a failed goal."""
    return [_JOIN.join(" ".join(str(line).split()) for line in lines) for lines in goal.problem_rules()]


def sorted_packages(packages):
    """Return packages in an order that depends on nothing but themselves."""
    return sorted(packages, key=lambda p: (p.name, p.arch, p.evr, p.reponame))


class Closure:
    """One closure request on a session whose sack has no installed packages."""

    def __init__(self, session, request):
        self.session = session
        self.request = request

    def solve(self):
        """Return the answer: packages, what met each spec, problems, what was passed over, and the edges."""
        unwanted = self.request["unwanted"]
        if unwanted:
            self.session.exclude(self.session.offered().filter(name__glob=unwanted))
        try:
            return self._solve()
        finally:
            self.session.restore_excludes()

    def _solve(self):
        matching = Matching(self.session, self.request)
        matches = matching.match()
        goal, solved, fell_back = self._run_best(matches)
        while solved and matching.is_conditional and matching.add_conditional(_names(goal.list_installs())):
            goal, solved, fell_back = self._run_best(matches)
        packages = sorted_packages(goal.list_installs()) if solved else []
        index = {package: number for number, package in enumerate(packages)}
        answer = {
            "packages": self._rows(packages),
            "met": [self._met(match, index) for match in matches],
            "providers": [number for number, match in enumerate(matches) if match.provider],
            "unmet": [[number] + list(match.problem) for number, match in enumerate(matches) if match.problem],
            "problems": [] if solved else self._blame(matches, problem_texts(goal)),
            "passed_over": self._passed_over(matches, self._jobs(matches), index) if solved and fell_back else [],
            "missing_members": matching.missing,
            "modules": [],
            "edges": [],
        }
        if self.request["reasons"]:
            answer["edges"] = Reasons(self.session, packages).edges()
        # The last of all: it starts the modules anew for the next closure.
        answer["modules"] = self.session.modules.states_with(packages)
        return answer

    # Solving

    def _jobs(self, matches):
        jobs = [sorted_packages(job) for match in matches for job in match.jobs]
        return sorted(jobs, key=lambda job: (job[0].name, job[0].arch, job[0].evr, len(job)))

    def _run_best(self, matches):
        """Return (goal, solved, fell back): with the newest of everything listed if that goes, else without."""
        jobs = self._jobs(matches)
        goal, solved = self._run(jobs, best=True)
        if solved or self.request["require_best"]:
            return goal, solved, False
        return self._run(jobs, best=False) + (True,)

    def _run(self, jobs, best):
        goal = self.session.goal()
        for job in jobs:
            goal.want(job)
        return goal, goal.solve(best=best, weak_deps=self.request["weak_deps"])

    def _met(self, match, index):
        return sorted({index[package] for job in match.jobs for package in job if package in index})

    def _blame(self, matches, texts):
        """Return [spec number or None, text, numbers] per problem: the specs of which a candidate is mentioned.

        The first of them is the one that is blamed.
        """
        candidates = [
            set() if match.problem else {str(package) for job in match.jobs for package in job} for match in matches
        ]
        blamed = []
        for text in texts:
            words = set(text.replace(",", " ").replace(";", " ").split())
            numbers = [number for number, nevras in enumerate(candidates) if not nevras.isdisjoint(words)]
            blamed.append([numbers[0] if numbers else None, text, numbers])
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
        beside = set(self.session.installonly(self.session.query().filter(pkg=packages)))
        return [
            [
                p.name,
                p.epoch,
                p.version,
                p.release,
                p.arch,
                p.reponame,
                self.session.checksum(p),
                p.downloadsize,
                p.installsize,
                p.sourcerpm or "",
                p in beside,
            ]
            for p in packages
        ]


def _names(packages):
    return {package.name for package in packages}


def evr_text(package):
    """Return the EVR of a package as it is written: the epoch only when it is not 0."""
    epoch = "%d:" % package.epoch if package.epoch else ""
    return "%s%s-%s" % (epoch, package.version, package.release)
