"""Names that are written alike: no bindings, only rules."""

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import islice

# More than so many names that only begin with what is asked for say nothing.
_FEW = 3
_SIGNS = re.compile(r"[-_.]")


class Spellings:
    """Names that there are, to find those among them that another may be a slip of."""

    def __init__(self, names):
        self._names = sorted(names)
        self._alike = defaultdict(list)
        self._swapped = defaultdict(list)
        for name in self._names:
            folded = _folded(name)
            self._alike[folded].append(name)
            self._swapped[_letters(name, folded)].append(name)

    def similar(self, name):
        """Return the names that `name` may be a slip of, the nearest first.

        The same but for case, "-", "_" and "."; the same letters in another order; or few that begin with it.
        """
        folded = _folded(name)
        longer = self._longer(name)
        found = self._alike.get(folded, []) + self._swapped.get(_letters(name, folded), [])
        found = found + (longer if len(longer) <= _FEW else [])
        return sorted(set(found) - {name}, key=found.index)

    def _longer(self, name):
        """Return names that begin with `name`, one more than are few at most."""
        start = bisect_left(self._names, name)
        near = (other for other in islice(self._names, start, start + _FEW + 2) if other != name)
        return [other for other in near if other.startswith(name)]


def spellings(name):
    """Return other ways to write a name: in small letters, with "-" for "_", and the other way round."""
    lower = name.lower()
    found = {lower} | {each.replace(*signs) for each in (name, lower) for signs in (("_", "-"), ("-", "_"))}
    return sorted(found - {name})


def _folded(name):
    return _SIGNS.sub("", name.lower())


def _letters(name, folded):
    """Return what names have in common whose letters behind the first are in another order."""
    return name[:1].lower(), "".join(sorted(folded))
