"""The comps that dnf 5 has read."""

from functools import partial

import libdnf5.comps

import comps
from metadata import content


class Comps(comps.Comps):
    """The comps of a session."""

    errors = (OSError,)

    def __init__(self, session):
        super(Comps, self).__init__()
        self._session = session

    def files(self):
        """Return what is read of each repository: libdnf5 takes one of several, this the first."""
        found = []
        for repo_id, repo in sorted(self._session.repos().items()):
            present = [path for path in map(repo.get_metadata_path, ("group_gz", "group")) if path]
            if present:
                found.append((repo_id, partial(content, present[0])))
        return found

    def load(self):
        """Return groups and environments by their ids."""
        base = self._session.without_system
        groups = {group.get_groupid(): group for group in libdnf5.comps.GroupQuery(base)}
        return groups, {found.get_environmentid(): found for found in libdnf5.comps.EnvironmentQuery(base)}

    def groups_of(self, environment):
        """Return the ids of the groups that an environment stands for."""
        return list(environment.get_groups()) + list(environment.get_default_groups())

    def members_of(self, group):
        """Return (name, kind, condition) of each member of a group."""
        return [(each.get_name(), each.get_type_string(), each.get_condition()) for each in group.get_packages()]
