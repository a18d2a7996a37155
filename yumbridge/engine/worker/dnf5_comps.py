"""Comps groups and environments of dnf 5, expanded to the names of their packages."""

import libdnf5.comps

import comps
from metadata import content
from wire import failure_of_repositories


class Comps:
    """The comps of the loaded repositories, read when a group is first asked for."""

    def __init__(self, session):
        self._session = session
        self._groups = None
        self._environments = None

    def _read(self):
        if self._groups is None:
            self._check()
            base = self._session.without_system
            self._groups = {group.get_groupid(): group for group in libdnf5.comps.GroupQuery(base)}
            self._environments = {found.get_environmentid(): found for found in libdnf5.comps.EnvironmentQuery(base)}

    def _check(self):
        """Refuse damaged comps, which libdnf5 leaves out in silence. All of them are reported together."""
        broken = []
        for repo_id, repo in sorted(self._session.repos().items()):
            present = [path for path in map(repo.get_metadata_path, ("group_gz", "group")) if path]
            if not present:
                continue
            try:
                why = comps.why_damaged(content(present[0]))
            except OSError as error:
                why = str(error)
            if why:
                broken.append("%s: its groups (comps) are damaged: %s" % (repo_id, why))
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
        if not self.has(name):
            return None
        groups = [name] if name in self._groups else []
        if name in self._environments:
            environment = self._environments[name]
            groups += list(environment.get_groups()) + list(environment.get_default_groups())
        members = [
            (member.get_name(), member.get_type_string(), member.get_condition())
            for group in groups
            if group in self._groups
            for member in self._groups[group].get_packages()
        ]
        return comps.merged(members, types)
