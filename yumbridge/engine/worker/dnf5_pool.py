"""The packages of a dnf 5 Base, as closures and transactions ask for them."""

import libdnf5.advisory
import libdnf5.base
import libdnf5.rpm
import rpm

from dnf5_package import Goal, Query, package_set

# Source: libsolv, poolarch.c. What is not here runs packages of its own arch alone.
_X86 = ["i686", "i586", "i486", "i386"]
_ARCHES = {
    "x86_64": ["x86_64"] + _X86,
    "x86_64_v2": ["x86_64_v2", "x86_64"] + _X86,
    "x86_64_v3": ["x86_64_v3", "x86_64_v2", "x86_64"] + _X86,
    "x86_64_v4": ["x86_64_v4", "x86_64_v3", "x86_64_v2", "x86_64"] + _X86,
    "i686": _X86,
    "i586": _X86[1:],
    "i486": _X86[2:],
    "s390x": ["s390x", "s390"],
}


class Pool:
    """What the `base` of a session holds. `arch` is the host's, `excludes` what the configuration leaves out."""

    def goal(self):
        """Return a goal that wants nothing yet."""
        return Goal(self.base)

    def query(self):
        """Return a query of all packages that are not excluded, installed ones among them."""
        return Query(self.base, libdnf5.rpm.PackageQuery(self.base))

    def offered(self):
        """Return a query of what the repositories offer and is not excluded."""
        return self.query().available()

    def everything(self):
        """Return a query of all packages, excluded or not, but for those of module streams that are not enabled."""
        return Query(self.base, libdnf5.rpm.PackageQuery(self.loaded))

    def exclude(self, query):
        """Leave out more packages, until the excludes are restored."""
        self.base.get_rpm_package_sack().add_user_excludes(query.packages)

    def restore_excludes(self):
        """Leave out what the configuration does and no more."""
        self.base.get_rpm_package_sack().set_user_excludes(self.excludes.packages)

    def restrict(self, packages):
        """Offer nothing but these packages, however much they were excluded."""
        offered = self.everything().available()
        rest = offered.difference(Query(self.base, package_set(self.base, packages)))
        self.base.get_rpm_package_sack().set_user_excludes(rest.packages)

    def arches(self):
        """Return the arches of the host, the best first."""
        return _ARCHES.get(self.arch, [self.arch]) + ["noarch"]

    def installonly(self, query):
        """Return the packages of `query` that are installed beside older builds. Source: dnf.conf, installonlypkgs."""
        return query.filter(provides=list(self.base.get_config().installonlypkgs))

    def checksum(self, package):
        """Return "type:<hex>" of the rpm, as the repository states it."""
        found = package.of.get_checksum()
        return "%s:%s" % (found.get_type_str(), found.get_checksum())

    def advisories_between(self, older, newer):
        """Yield (key, advisory) of what fixes a package above `older` and up to `newer`, both by (name, arch).

        An advisory is a CrossedAdvisory of the other side.
        """
        for advisory in libdnf5.advisory.AdvisoryQuery(self.base):
            for collection in advisory.get_collections():
                for fixed in collection.get_packages():
                    key = (fixed.get_name(), fixed.get_arch())
                    label = (fixed.get_epoch() or "0", fixed.get_version(), fixed.get_release())
                    if key in older and _is_above(label, older[key]) and not _is_above(label, newer[key]):
                        yield key, _about(advisory)


def _is_above(label, package):
    return rpm.labelCompare(label, package.label) > 0


def _about(advisory):
    references = advisory.get_references()
    severity = advisory.get_severity() or ""
    return {
        "advisory_id": advisory.get_name(),
        "kind": advisory.get_type() or "",
        # Who has nothing to say of it may write that as a word.
        "severity": "" if severity.lower() == "none" else severity,
        "title": advisory.get_title() or "",
        "cves": sorted({found.get_id() for found in references if found.get_type() == "cve" and found.get_id()}),
    }
