"""Comps groups and environments, expanded to the names of their packages."""

import libcomps
import libdnf.error

import comps
from wire import failure_of_repositories

_TYPES = {
    libcomps.PACKAGE_TYPE_MANDATORY: "mandatory",
    libcomps.PACKAGE_TYPE_DEFAULT: "default",
    libcomps.PACKAGE_TYPE_OPTIONAL: "optional",
    libcomps.PACKAGE_TYPE_CONDITIONAL: "conditional",
}


def _members_of(sequence):
    """Return the members of a list of libcomps'. Iterating over one crashes libcomps 0.1.21 on Python 3.13."""
    return [sequence[number] for number in range(len(sequence))]


class Comps:
    """The comps of the loaded repositories, read when a group is first asked for."""

    def __init__(self, base):
        self._base = base
        self._groups = None
        self._environments = None

    def _read(self):
        if self._groups is None:
            self._check()
            read = self._base.read_comps(arch_filter=True)._i  # noqa: SLF001 - its own lists iterate, see above
            self._groups = {group.id: group for group in _members_of(read.groups)}
            self._environments = {found.id: found for found in _members_of(read.environments)}

    def _check(self):
        """Refuse damaged comps, which dnf would leave out in silence. All of them are reported together."""
        broken = []
        for repo in self._base.repos.iter_enabled():
            # dnf reads one of them, this the first.
            present = [kind for kind in ("group_gz", "group") if repo.get_metadata_path(kind)]
            if not (repo.enablegroups and present):
                continue
            try:
                why = comps.why_damaged(repo.get_metadata_content(present[0]).encode("utf-8", "surrogateescape"))
            except (RuntimeError, libdnf.error.Error) as error:
                why = str(error)
            if why:
                broken.append("%s: its groups (comps) are damaged: %s" % (repo.id, why))
        if broken:
            raise failure_of_repositories(broken)

    def has(self, name):
        """Tell whether a group or an environment has this id."""
        self._read()
        return name in self._groups or name in self._environments

    def members(self, name, types):
        """Return [(package name, condition or None)] of a group or environment, None when there is no such id.

        `types` are the member types that count. An environment has its mandatory groups and those options that are
        on by default.
        """
        self._read()
        groups = [self._groups[name]] if name in self._groups else []
        if name in self._environments:
            groups += self._groups_of(self._environments[name])
        elif not groups:
            return None
        members = [
            (member.name, _TYPES.get(member.type), member.requires)
            for group in groups
            for member in _members_of(group.packages)
        ]
        return comps.merged(members, types)

    def _groups_of(self, environment):
        wanted = [group.name for group in _members_of(environment.group_ids)]
        wanted += [group.name for group in _members_of(environment.option_ids) if group.default]
        return [self._groups[name] for name in wanted if name in self._groups]
