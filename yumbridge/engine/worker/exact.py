"""The exact transaction: precisely these packages in and those out, or the reasons why not."""

from closure import problem_texts, sorted_packages
from wire import Failure

_NO_ADVISORIES = {"advisories": [], "crossed": []}


def arrivals(goal):
    """Return the packages that come in by a solved goal, whatever it takes them for."""
    return goal.list_installs() + goal.list_upgrades() + goal.list_downgrades() + goal.list_reinstalls()


class Exact:
    """One exact request on a session that has its installed packages loaded."""

    def __init__(self, session, request):
        self.session = session
        installed = {}
        for package in session.query().installed():
            installed.setdefault(str(package), package)
        self.installed = installed
        self.incoming = self._offered(request["install"])
        self.leaving = [self._there(nevra) for nevra in sorted(request["erase"])]
        self.staying = [self._there(nevra) for nevra in sorted(request["keep"])]

    def _there(self, nevra):
        try:
            return self.installed[nevra]
        except KeyError:
            raise Failure("stale", "%s is no longer installed" % nevra)

    def _offered(self, wanted):
        """Return the offered packages of [nevra, repo_id, checksum], found with one query."""
        if not wanted:
            return []
        names = sorted({nevra.rsplit("-", 2)[0] for nevra, _, _ in wanted})
        offered = {}
        for package in self.session.everything().available().filter(name=names):
            offered[(str(package), package.reponame, self.session.checksum(package))] = package
        missing = [key[0] for key in wanted if tuple(key) not in offered]
        if missing:
            raise Failure("stale", "the repositories no longer offer what the plan names", missing)
        return sorted_packages(offered[tuple(key)] for key in wanted)

    def restrict(self):
        """Leave nothing to the solver but what is installed and what comes in, so that no third version appears."""
        self.session.restrict(self.incoming)

    def add_jobs(self, goal, leaving):
        """Ask `goal` for the transaction, `leaving` the only packages that may go."""
        for package in self.incoming:
            goal.want([package])
        for package in self.staying:
            # Excluding newer builds does not hold a package against conflicts and obsoletes: an install job does.
            goal.want([package])
        for package in leaving:
            goal.erase(package)

    def _run(self, leaving, *, more_may_go=False):
        goal = self.session.goal()
        self.add_jobs(goal, leaving)
        return goal, goal.solve(allow_uninstall=more_may_go)

    def solve(self):
        """Return what comes in and goes out, which removals had to be refused, and problems if there is no way."""
        self.restrict()
        goal, solved = self._run(self.leaving)
        refused = []
        if not solved:
            needed = self._needed_leavers()
            if needed is None:
                nothing = {"incoming": [], "outgoing": [], "obsoleted": [], "refused": []}
                return dict(nothing, problems=problem_texts(goal), **_NO_ADVISORIES)
            rest = [package for package in self.leaving if package not in needed]
            goal, solved = self._run(self._removable(needed, rest, refused))
        return dict(self._answer(goal), refused=refused, problems=[])

    def _needed_leavers(self):
        """Return the removals without which nothing can come in, or None when these would not do."""
        goal, solved = self._run([], more_may_go=True)
        going = set(goal.list_erasures()) if solved else set()
        if not solved or not going.issubset(self.leaving):
            return None
        return [package for package in self.leaving if package in going]

    def _removable(self, settled, candidates, refused):
        """Return those of `candidates` that can go beside `settled`: all at once, else half by half in order."""
        if not candidates:
            return settled
        goal, solved = self._run(settled + candidates)
        if solved:
            return settled + candidates
        if len(candidates) == 1:
            refused.append([str(candidates[0]), "; ".join(problem_texts(goal))])
            return settled
        middle = len(candidates) // 2
        return self._removable(self._removable(settled, candidates[:middle], refused), candidates[middle:], refused)

    def _answer(self, goal):
        incoming = arrivals(goal)
        outgoing = {str(package) for package in goal.list_erasures()}
        obsoleted = set()
        marked = {str(package) for package in goal.list_obsoleted()}
        for package in incoming:
            for old in goal.obsoleted_by_package(package):
                outgoing.add(str(old))
                if str(old) in marked and old.name != package.name:
                    obsoleted.add((str(old), str(package)))
        return {
            "incoming": sorted(str(package) for package in incoming),
            "outgoing": sorted(outgoing),
            "obsoleted": sorted([list(pair) for pair in obsoleted]),
            **self._advisories(incoming),
        }

    def _advisories(self, incoming):
        """Return what advisories lie between the newest installed builds and what comes in, and what they are about.

        The former is sorted [NEVRA, ids]; the latter is sorted by id: see CrossedAdvisory of the other side.
        """
        newcomers = {(package.name, package.arch): package for package in incoming}
        newest = {}
        for package in self.session.query().installed().filter(name=sorted({name for name, _ in newcomers})):
            key = (package.name, package.arch)
            if key in newcomers and (key not in newest or newest[key] < package):
                newest[key] = package
        if not newest:
            return _NO_ADVISORIES
        crossed, about = {}, {}
        for key, found in self.session.advisories_between(newest, newcomers):
            crossed.setdefault(str(newcomers[key]), set()).add(found["advisory_id"])
            about[found["advisory_id"]] = found
        return {
            "advisories": sorted([nevra, sorted(ids)] for nevra, ids in crossed.items()),
            "crossed": [about[advisory_id] for advisory_id in sorted(about)],
        }
