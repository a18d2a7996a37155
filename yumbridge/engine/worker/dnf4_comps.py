"""The comps that dnf 4 has read."""

from functools import partial

import libcomps
import libdnf.error

import comps

_TYPES = {
    libcomps.PACKAGE_TYPE_MANDATORY: "mandatory",
    libcomps.PACKAGE_TYPE_DEFAULT: "default",
    libcomps.PACKAGE_TYPE_OPTIONAL: "optional",
    libcomps.PACKAGE_TYPE_CONDITIONAL: "conditional",
}


def _members_of(sequence):
    """Return the members of a list of libcomps'. Iterating over one crashes libcomps 0.1.21 on Python 3.13."""
    return [sequence[number] for number in range(len(sequence))]


def _content(repo, kind):
    return repo.get_metadata_content(kind).encode("utf-8", "surrogateescape")


class Comps(comps.Comps):
    """The comps of a Base."""

    errors = (RuntimeError, libdnf.error.Error)

    def __init__(self, base):
        super(Comps, self).__init__()
        self._base = base

    def files(self):
        """Return what is read of each repository: dnf takes one of several, this the first."""
        found = []
        for repo in self._base.repos.iter_enabled():
            present = [kind for kind in ("group_gz", "group") if repo.get_metadata_path(kind)]
            if repo.enablegroups and present:
                found.append((repo.id, partial(_content, repo, present[0])))
        return found

    def load(self):
        """Return groups and environments by their ids."""
        read = self._base.read_comps(arch_filter=True)._i  # noqa: SLF001 - its own lists iterate, see above
        groups = {group.id: group for group in _members_of(read.groups)}
        return groups, {found.id: found for found in _members_of(read.environments)}

    def groups_of(self, environment):
        """Return the ids of the groups that an environment stands for."""
        options = [group.name for group in _members_of(environment.option_ids) if group.default]
        return [group.name for group in _members_of(environment.group_ids)] + options

    def members_of(self, group):
        """Return (name, kind, condition) of each member of a group."""
        return [(member.name, _TYPES.get(member.type), member.requires) for member in _members_of(group.packages)]
