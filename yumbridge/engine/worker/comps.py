"""Comps groups and environments, expanded to the names of their packages."""

from xml.parsers import expat

from wire import failure_of_repositories

_ROOT = "comps"


class Comps:
    """The comps of the loaded repositories, read when a group is first asked for.

    What the engines do in their own ways is at the end. `errors` is what reading a file raises.
    """

    errors = ()

    def __init__(self):
        self._groups = None
        self._environments = None

    def has(self, name):
        """Tell whether a group or an environment has this id."""
        self._read()
        return name in self._groups or name in self._environments

    def members(self, name, types):
        """Return [(package name, condition or None)] of a group or environment, None when there is no such id.

        `types` are the member types that count. An environment has its mandatory groups and those options that are
        on by default.
        """
        if not self.has(name):
            return None
        groups = [name] if name in self._groups else []
        if name in self._environments:
            groups += self.groups_of(self._environments[name])
        known = [self._groups[group] for group in groups if group in self._groups]
        return _merged([member for group in known for member in self.members_of(group)], types)

    def _read(self):
        if self._groups is None:
            self._refuse_damaged()
            self._groups, self._environments = self.load()

    def _refuse_damaged(self):
        """Refuse damaged comps, which dnf would leave out in silence. All of them are reported together."""
        broken = []
        for repo_id, read in self.files():
            try:
                why = _why_damaged(read())
            except self.errors as error:
                why = str(error)
            if why:
                broken.append("%s: its groups (comps) are damaged: %s" % (repo_id, why))
        if broken:
            raise failure_of_repositories(broken)

    def files(self):
        """Return (repository id, function that returns the content) of each file of comps that is read."""
        raise NotImplementedError

    def load(self):
        """Return groups and environments by their ids."""
        raise NotImplementedError

    def groups_of(self, environment):
        """Return the ids of the groups that an environment stands for."""
        raise NotImplementedError

    def members_of(self, group):
        """Return (name, kind, condition) of each member of a group."""
        raise NotImplementedError


def _why_damaged(content):
    """Say why libraries cannot read a comps file, or return nothing.

    They read with expat as well, and go on without a file that is not well-formed. Another document crashes libcomps.
    """
    roots = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: roots or roots.append(name)
    try:
        parser.Parse(content, True)  # noqa: FBT003 - the last part
    except expat.ExpatError as error:
        return str(error)
    return "" if roots == [_ROOT] else "it is a document of %s" % roots[0]


def _merged(members, types):
    """Return sorted (name, condition or None) of (name, kind, condition)s, those whose kind is among `types`."""
    found = {}
    for name, kind, condition in members:
        if kind in types:
            needed = condition if kind == "conditional" else None
            # A member of two groups counts as soon as one of them wants it without a condition.
            found[name] = None if found.get(name, "") is None else needed
    return sorted(found.items(), key=lambda entry: entry[0])
