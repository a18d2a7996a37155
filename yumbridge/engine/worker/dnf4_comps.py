"""Comps groups and environments, expanded to the names of their packages."""

import libcomps

_TYPES = {
    libcomps.PACKAGE_TYPE_MANDATORY: "mandatory",
    libcomps.PACKAGE_TYPE_DEFAULT: "default",
    libcomps.PACKAGE_TYPE_OPTIONAL: "optional",
    libcomps.PACKAGE_TYPE_CONDITIONAL: "conditional",
}


class Comps:
    """The comps of the loaded repositories, read when a group is first asked for."""

    def __init__(self, base):
        self._base = base
        self._comps = None

    def _read(self):
        if self._comps is None:
            self._comps = self._base.read_comps(arch_filter=True)
        return self._comps

    def members(self, name, types):
        """Return [(package name, condition or None)] of a group or environment, None when there is no such id.

        `types` are the member types that count. An environment has its mandatory groups and those options that are
        on by default.
        """
        comps = self._read()
        groups = [group for group in comps.groups if group.id == name]
        for environment in comps.environments:
            if environment.id == name:
                groups += self._groups_of(environment)
        if not groups:
            return None
        found = {}
        for group in groups:
            for member in group.packages_iter():
                kind = _TYPES.get(member.type)
                if kind in types:
                    condition = member.requires if kind == "conditional" else None
                    # A member of two groups counts as soon as one of them wants it without a condition.
                    found[member.name] = None if found.get(member.name, "") is None else condition
        return sorted(found.items())

    def _groups_of(self, environment):
        wanted = {group.name for group in environment.group_ids}
        wanted.update(group.name for group in environment.option_ids if group.default)
        return [group for group in self._read().groups if group.id in wanted]
