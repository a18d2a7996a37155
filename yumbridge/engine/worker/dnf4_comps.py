"""Comps groups and environments, expanded to the names of their packages."""

import libcomps

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
            comps = self._base.read_comps(arch_filter=True)._i  # noqa: SLF001 - its own lists iterate, see above
            self._groups = {group.id: group for group in _members_of(comps.groups)}
            self._environments = {found.id: found for found in _members_of(comps.environments)}

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
        found = {}
        for group in groups:
            for member in _members_of(group.packages):
                kind = _TYPES.get(member.type)
                if kind in types:
                    condition = member.requires if kind == "conditional" else None
                    # A member of two groups counts as soon as one of them wants it without a condition.
                    found[member.name] = None if found.get(member.name, "") is None else condition
        return sorted(found.items(), key=lambda entry: entry[0])

    def _groups_of(self, environment):
        wanted = [group.name for group in _members_of(environment.group_ids)]
        wanted += [group.name for group in _members_of(environment.option_ids) if group.default]
        return [self._groups[name] for name in wanted if name in self._groups]
