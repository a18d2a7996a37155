"""The packages of a dnf 4 sack, as closures and transactions ask for them."""

import hawkey
from dnf.selector import Selector

_KINDS = {
    hawkey.ADVISORY_BUGFIX: "bugfix",
    hawkey.ADVISORY_ENHANCEMENT: "enhancement",
    hawkey.ADVISORY_NEWPACKAGE: "newpackage",
    hawkey.ADVISORY_SECURITY: "security",
}


class Goal:
    """What is wanted of the solver, and what it answers. `goal` is hawkey's."""

    def __init__(self, sack, goal):
        self._sack = sack
        self._goal = goal
        self.list_installs = goal.list_installs
        self.list_upgrades = goal.list_upgrades
        self.list_downgrades = goal.list_downgrades
        self.list_reinstalls = goal.list_reinstalls
        self.list_erasures = goal.list_erasures
        self.list_obsoleted = goal.list_obsoleted
        self.obsoleted_by_package = goal.obsoleted_by_package
        self.problem_rules = goal.problem_rules
        self.upgrade_all = goal.upgrade_all

    def want(self, packages, *, optional=False):
        """Ask for exactly one of some packages, installed ones among them; an optional one if it goes."""
        selector = Selector(self._sack)
        selector.set(pkg=packages)
        self._goal.install(select=selector, optional=optional)

    def erase(self, package):
        """Ask for a package to go."""
        self._goal.erase(package, clean_deps=False)

    def solve(self, *, best=False, weak_deps=False, allow_uninstall=False):
        """Tell whether there is a solution. What nobody asked to remove may go with `allow_uninstall`."""
        return self._goal.run(force_best=best, ignore_weak_deps=not weak_deps, allow_uninstall=allow_uninstall)


class Pool:
    """What a session's `sack` holds. `conf` is its configuration, `excludes` what that leaves out."""

    def goal(self):
        """Return a goal that wants nothing yet."""
        return Goal(self.sack, hawkey.Goal(self.sack))

    def query(self):
        """Return a query of all packages that are not excluded, installed ones among them."""
        return self.sack.query()

    def offered(self):
        """Return a query of what the repositories offer and is not excluded."""
        return self.sack.query().available()

    def everything(self):
        """Return a query of all packages, excluded or not."""
        return self.sack.query(flags=hawkey.IGNORE_EXCLUDES)

    def is_in_a_stream(self, name):
        """Tell whether a name that is not offered would be, were a module stream enabled."""
        return bool(self.sack.query(flags=hawkey.IGNORE_MODULAR_EXCLUDES).available().filter(name=name))

    def exclude(self, query):
        """Leave out more packages, until the excludes are restored."""
        self.sack.add_excludes(query)

    def restore_excludes(self):
        """Leave out what the configuration does and no more."""
        self.sack.set_excludes(self.excludes)

    def restrict(self, packages):
        """Offer nothing but these packages, however much they were excluded."""
        self.is_restricted = True
        available = self.everything().available()
        self.sack.reset_excludes()
        if hasattr(self.sack, "reset_module_excludes"):
            self.sack.reset_module_excludes()
        self.sack.add_excludes(available.difference(available.filter(pkg=packages)))

    def arches(self):
        """Return the arches of the host, the best first."""
        return self.sack.list_arches()

    def installonly(self, query):
        """Return the packages of `query` that are installed beside older builds. Source: dnf.conf, installonlypkgs."""
        return query.filter(provides=self.conf.installonlypkgs)

    def checksum(self, package):
        """Return "type:<hex>" of the rpm, as the repository states it."""
        kind, value = package.chksum
        return "%s:%s" % (hawkey.chksum_name(kind), value.hex())

    def advisories_between(self, older, newer):
        """Yield (key, advisory) of what fixes a package above `older` and up to `newer`, both by (name, arch).

        An advisory is a CrossedAdvisory of the other side.
        """
        for fixed in self.query().filter(pkg=list(older.values())).get_advisory_pkgs(hawkey.GT):
            key = (fixed.name, fixed.arch)
            if self.sack.evr_cmp(fixed.evr, newer[key].evr) <= 0:
                yield key, _about(fixed.get_advisory(self.sack))


def _about(advisory):
    return {
        "advisory_id": advisory.id,
        "kind": _KINDS.get(advisory.type, ""),
        # Who has nothing to say of it may write that as a word.
        "severity": "" if (advisory.severity or "none").lower() == "none" else advisory.severity,
        "title": advisory.title or "",
        "cves": sorted({ref.id for ref in advisory.references if ref.type == hawkey.REFERENCE_CVE and ref.id}),
    }
