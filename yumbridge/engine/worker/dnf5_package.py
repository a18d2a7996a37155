"""Packages, queries and goals of libdnf5, in the words in which closures and transactions ask for them."""

import libdnf5.base
import libdnf5.common
import libdnf5.exception
import libdnf5.rpm
import libdnf5.transaction
import rpm

# What libdnf5 raises.
ERRORS = (libdnf5.exception.Error, libdnf5.exception.NonLibdnf5Exception, RuntimeError)

_GLOB = libdnf5.common.QueryCmp_GLOB
_NEQ = libdnf5.common.QueryCmp_NEQ
_SOLVER_ERROR = libdnf5.base.GoalProblem_SOLVER_ERROR
_YES = libdnf5.base.GoalSetting_SET_TRUE
_NO = libdnf5.base.GoalSetting_SET_FALSE
_INSTALL = libdnf5.transaction.TransactionItemAction_INSTALL
_UPGRADE = libdnf5.transaction.TransactionItemAction_UPGRADE
_DOWNGRADE = libdnf5.transaction.TransactionItemAction_DOWNGRADE
_REINSTALL = libdnf5.transaction.TransactionItemAction_REINSTALL
_REMOVE = libdnf5.transaction.TransactionItemAction_REMOVE
_REPLACED = libdnf5.transaction.TransactionItemAction_REPLACED


class Package:
    """A package, ordered by name, EVR and arch; as text it is its NEVRA, the epoch only when it is not 0."""

    __slots__ = ("_key", "_number", "arch", "name", "of")

    def __init__(self, of):
        self.of = of
        self.name = of.get_name()
        self.arch = of.get_arch()
        self._number = of.get_id().id
        self._key = None

    def __str__(self):
        return self.of.get_nevra()

    def __eq__(self, other):
        return self._number == other._number

    def __hash__(self):
        return self._number

    def __lt__(self, other):
        if self.name != other.name:
            return self.name < other.name
        order = rpm.labelCompare(self.label, other.label)
        return order < 0 if order else self.arch < other.arch

    def __gt__(self, other):
        return other < self

    @property
    def label(self):
        """The epoch, version and release as rpm compares them."""
        if self._key is None:
            self._key = (self.of.get_epoch() or "0", self.of.get_version(), self.of.get_release())
        return self._key

    epoch = property(lambda self: int(self.of.get_epoch() or 0))
    version = property(lambda self: self.of.get_version())
    release = property(lambda self: self.of.get_release())
    evr = property(lambda self: self.of.get_evr())
    reponame = property(lambda self: self.of.get_repo_id())
    downloadsize = property(lambda self: self.of.get_download_size())
    installsize = property(lambda self: self.of.get_install_size())
    sourcerpm = property(lambda self: self.of.get_sourcerpm())
    location = property(lambda self: self.of.get_location())
    baseurl = property(lambda self: self.of.get_baseurl())
    provides = property(lambda self: list(self.of.get_provides()))
    requires = property(lambda self: list(self.of.get_requires()))
    recommends = property(lambda self: list(self.of.get_recommends()))
    supplements = property(lambda self: list(self.of.get_supplements()))
    conflicts = property(lambda self: list(self.of.get_conflicts()))
    obsoletes = property(lambda self: list(self.of.get_obsoletes()))


class Query:
    """Packages of a Base. Every filter makes a new query."""

    def __init__(self, base, packages):
        self._base = base
        self.packages = packages

    def __iter__(self):
        return (Package(package) for package in self.packages)

    def __len__(self):
        return self.packages.size()

    def _copy(self):
        return libdnf5.rpm.PackageQuery(self.packages)

    def available(self):
        """Return those that a repository offers."""
        found = self._copy()
        found.filter_available()
        return Query(self._base, found)

    def installed(self):
        """Return those that are installed."""
        found = self._copy()
        found.filter_installed()
        return Query(self._base, found)

    def union(self, other):
        """Return the packages of both queries."""
        found = self._copy()
        found.update(other.packages)
        return Query(self._base, found)

    def difference(self, other):
        """Return the packages that the other query has not."""
        found = self._copy()
        found.difference(other.packages)
        return Query(self._base, found)

    def filter(self, **conditions):
        """Return the packages for which all conditions hold: see the methods for what they are."""
        found = self._copy()
        for name, value in conditions.items():
            getattr(self, "_filter_" + name)(found, value)
        return Query(self._base, found)

    def _filter_name(self, found, names):
        found.filter_name([names] if isinstance(names, str) else list(names))

    def _filter_name__glob(self, found, patterns):
        found.filter_name(list(patterns), _GLOB)

    def _filter_arch(self, found, arches):
        found.filter_arch(list(arches))

    def _filter_arch__neq(self, found, arches):
        found.filter_arch(list(arches), _NEQ)

    def _filter_file(self, found, path):
        found.filter_file([path])

    def _filter_provides(self, found, capabilities):
        if isinstance(capabilities, (str, libdnf5.rpm.Reldep)):
            capabilities = [capabilities]
        found.filter_provides(self._reldeps(capabilities))

    def _filter_requires(self, found, capability):
        found.filter_requires(self._reldeps([capability]))

    def _filter_obsoletes(self, found, packages):
        found.filter_obsoletes(package_set(self._base, packages))

    def _filter_pkg(self, found, packages):
        found.intersection(package_set(self._base, packages))

    def _reldeps(self, capabilities):
        reldeps = libdnf5.rpm.ReldepList(self._base)
        for capability in capabilities:
            if isinstance(capability, str):
                # What nothing speaks of is met by nothing; a text that is no capability is not, either.
                reldeps.add_reldep(capability)
            else:
                reldeps.add(capability)
        return reldeps


def package_set(base, packages):
    """Return a set of libdnf5's with some packages."""
    found = libdnf5.rpm.PackageSet(base)
    for package in packages:
        found.add(package.of)
    return found


class Goal:
    """What is wanted of the solver, and what it answers."""

    def __init__(self, base):
        self._base = base
        self._wanted = []
        self._leaving = []
        self._upgrades = False
        self.transaction = None
        self._changes = []

    def want(self, packages, *, optional=False):
        """Ask for exactly one of some packages, installed ones among them; an optional one if it goes."""
        self._wanted.append((packages, optional))

    def erase(self, package):
        """Ask for a package to go."""
        self._leaving.append(package)

    def upgrade_all(self):
        """Ask for every upgrade that goes."""
        self._upgrades = True

    def solve(self, *, best=False, weak_deps=False, allow_uninstall=False):
        """Tell whether there is a solution. What nobody asked to remove may go with `allow_uninstall`."""
        goal = libdnf5.base.Goal(self._base)
        self._base.get_config().install_weak_deps = weak_deps
        goal.set_allow_erasing(allow_uninstall)
        for packages, optional in self._wanted:
            goal.add_rpm_install(package_set(self._base, packages), _settings(best=best, optional=optional))
        for package in self._leaving:
            goal.add_rpm_remove(package.of, _settings(best=False, optional=False))
        if self._upgrades:
            goal.add_rpm_upgrade(_settings(best=False, optional=True))
        self.transaction = goal.resolve()
        solved = not self.transaction.get_problems() & _SOLVER_ERROR
        self._changes = list(self.transaction.get_transaction_packages()) if solved else []
        return solved

    def _list(self, action):
        return [Package(change.get_package()) for change in self._changes if change.get_action() == action]

    def list_installs(self):
        """Return what comes and takes the place of no older build."""
        return self._list(_INSTALL)

    def list_upgrades(self):
        """Return what comes in the place of an older build."""
        return self._list(_UPGRADE)

    def list_downgrades(self):
        """Return what comes in the place of a newer build."""
        return self._list(_DOWNGRADE)

    def list_reinstalls(self):
        """Return what comes in the place of the same build."""
        return self._list(_REINSTALL)

    def list_erasures(self):
        """Return what goes because somebody asked for it, or because it is in the way."""
        return self._list(_REMOVE)

    def list_obsoleted(self):
        """Return what goes because something else comes."""
        return self._list(_REPLACED)

    def obsoleted_by_package(self, package):
        """Return what goes because a package comes."""
        for change in self._changes:
            if change.get_action() != _REPLACED and change.get_package().get_id().id == hash(package):
                return [Package(old) for old in change.get_replaces()]
        return []

    def problem_rules(self):
        """Return the lines of each problem."""
        problems = []
        for log in self.transaction.get_resolve_logs():
            if log.get_problem() != _SOLVER_ERROR:
                continue
            for line in log.to_string().splitlines():
                # The heading of a problem says which rule it began with, the lines below it all others.
                if line.startswith("Problem"):
                    problems.append([line.partition(": ")[2]])
                elif problems:
                    problems[-1].append(line.strip().lstrip("- "))
        return problems


def _settings(*, best, optional):
    settings = libdnf5.base.GoalJobSettings()
    settings.set_best(_YES if best else _NO)
    settings.set_skip_broken(_YES if optional else _NO)
    settings.set_clean_requirements_on_remove(_NO)
    return settings
