"""A part of an exact transaction: as much as goes while some packages stay, and what stands in the way of more."""

from closure import problem_texts
from exact import Exact, arrivals

_NOTHING = {"incoming": [], "outgoing": []}


class Part(Exact):
    """One request for a part. Incoming packages that the request leaves out are not there for the solver."""

    def __init__(self, session, request):
        super(Part, self).__init__(session, request)
        self.offered = {str(package): package for package in self.incoming}
        self.successors = {
            old: [self.offered[new] for new in sorted(news) if new in self.offered] for old, news in request["replaced"]
        }
        self.must_come = [self.offered[nevra] for nevra in sorted(request["must_install"])]
        self.must_go = [self._there(nevra) for nevra in sorted(request["must_erase"])]

    def most(self):
        """Return as many of the changes as the solver finds, removals last: dnf has no optional form of those."""
        self.restrict()
        goal = self._goal(self.must_come, self.must_go)
        # One job for all upgrades is a hundred times faster than one for each.
        goal.upgrade_all()
        wanted = set(self.must_come)
        for package in self.incoming:
            if package not in wanted and not self._is_upgrade(package):
                goal.want([package], optional=True)
        if not goal.solve():
            return dict(_NOTHING, problems=problem_texts(goal))
        arriving = set(arrivals(goal))
        coming = [package for package in self.incoming if package in arriving]
        settled = set(self.must_go)
        rest = [package for package in self.leaving if package not in settled]
        going = self._removable_beside(coming, list(self.must_go), rest)
        return self._answer_of(self._strict(coming, going))

    def attempt(self):
        """Return the changes that are asked for with whatever else of the transaction they need, or the problems."""
        self.restrict()
        goal = self._goal(self.must_come, self.must_go)
        leavers = set(self.leaving)
        for package in self.session.query().installed():
            nevra = str(package)
            if nevra in self.successors:
                # It may give way to its successor, but may not simply be gone.
                goal.want([package] + self.successors[nevra])
            elif package not in leavers:
                goal.want([package])
        if not goal.solve(allow_uninstall=True):
            return dict(_NOTHING, problems=sorted(set(problem_texts(goal))))
        return self._answer_of(goal)

    def _goal(self, coming, going):
        """Return a goal with what has to come, to go and to stay."""
        goal = self.session.goal()
        for package in list(coming) + self.staying:
            goal.want([package])
        for package in going:
            goal.erase(package)
        return goal

    def _strict(self, coming, going):
        goal = self._goal(coming, going)
        return goal if goal.solve() else None

    def _removable_beside(self, coming, settled, candidates):
        """Return `settled` and those of `candidates` that can go: all at once, else half by half in order."""
        if not candidates or self._strict(coming, settled + candidates):
            return settled + candidates
        if len(candidates) == 1:
            return settled
        middle = len(candidates) // 2
        settled = self._removable_beside(coming, settled, candidates[:middle])
        return self._removable_beside(coming, settled, candidates[middle:])

    def _is_upgrade(self, package):
        """Tell whether a job to upgrade everything may bring a package: one optional job more costs little."""
        older = self._installed_builds().get((package.name, package.arch), ())
        return bool(older) and all(old < package for old in older)

    def _installed_builds(self):
        if not hasattr(self, "_builds"):
            self._builds = {}
            for package in self.installed.values():
                self._builds.setdefault((package.name, package.arch), []).append(package)
        return self._builds

    def _answer_of(self, goal):
        if goal is None:
            return dict(_NOTHING, problems=["the solver takes back what it said"])
        outgoing = {str(package) for package in goal.list_erasures()}
        for package in arrivals(goal):
            outgoing.update(str(old) for old in goal.obsoleted_by_package(package))
        incoming = sorted(str(package) for package in arrivals(goal))
        return {"incoming": incoming, "outgoing": sorted(outgoing), "problems": []}


class Relations(Exact):
    """What some packages need and what they cannot stand beside, among all that is installed or comes in."""

    def __init__(self, session, request):
        super(Relations, self).__init__(session, request)
        self.request = request
        self._numbers = {}
        self._providers = {}

    def read(self):
        """Return requirements and exclusions, packages by number: see Relations of the other side."""
        everything = list(self.installed.values()) + self.incoming
        self._inside = self.session.everything().filter(pkg=everything)
        comers = {str(package): package for package in self.incoming}
        coming = [comers[nevra] for nevra in sorted(self.request["coming"])]
        requires = []
        for package in coming + self.staying:
            requires.extend(self._requirements(package))
        excludes = self._exclusions(coming)
        names = sorted(self._numbers, key=self._numbers.get)
        return {"packages": names, "requires": requires, "excludes": excludes}

    def _number(self, package):
        return self._numbers.setdefault(str(package), len(self._numbers))

    def _requirements(self, package):
        for reldep in package.requires:
            text = str(reldep)
            # A rich dependency may be met in more ways than by a provider.
            if _is_rich(text):
                continue
            providers = self._met_by(text, reldep)
            if providers:
                yield [self._number(package), text, providers]

    def _met_by(self, text, reldep):
        if text not in self._providers:
            self._providers[text] = sorted(self._number(found) for found in self._inside.filter(provides=reldep))
        return self._providers[text]

    def _exclusions(self, coming):
        """Return sorted [comer, stayer, kind, subject, capability] of all that conflict with or obsolete each other."""
        if not coming or not self.staying:
            return []
        found = set()
        comers = self.session.everything().filter(pkg=coming)
        stayers = self.session.query().filter(pkg=self.staying)
        for new in coming:
            for reldep in new.conflicts:
                found.update((new, old, "conflicts", new, str(reldep)) for old in stayers.filter(provides=reldep))
            for reldep in new.obsoletes:
                # Obsoletes are of names, not of what else a package provides.
                name = str(reldep).split()[0]
                same = stayers.filter(provides=reldep, name=name)
                found.update((new, old, "obsoletes", new, str(reldep)) for old in same if old.name != new.name)
        for old in self.staying:
            for reldep in old.conflicts:
                found.update((new, old, "conflicts", old, str(reldep)) for new in comers.filter(provides=reldep))
        return sorted(
            [self._number(new), self._number(old), kind, self._number(subject), text]
            for new, old, kind, subject, text in found
            if not _is_rich(text) and new.name != old.name
        )


def _is_rich(text):
    return text.startswith("(")
