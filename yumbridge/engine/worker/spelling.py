"""Names that are written alike: no bindings, only rules."""

import re

# More than so many names that only begin with what is asked for say nothing.
_FEW = 3
_SIGNS = re.compile(r"[-_.]")


def similar(name, names):
    """Return those of `names` that `name` may be a slip of, the nearest first.

    The same but for case, "-", "_" and "."; the same letters in another order; or few that begin with it.
    """
    folded = _folded(name)
    letters = sorted(folded)
    others = sorted(other for other in names if other != name)
    alike = [other for other in others if _folded(other) == folded]
    swapped = [other for other in others if other[:1].lower() == name[:1].lower() and sorted(_folded(other)) == letters]
    longer = [other for other in others if other.startswith(name)]
    found = alike + swapped + (longer if len(longer) <= _FEW else [])
    return sorted(set(found), key=found.index)


def spellings(name):
    """Return other ways to write a name: in small letters, with "-" for "_", and the other way round."""
    lower = name.lower()
    found = {lower} | {each.replace(*signs) for each in (name, lower) for signs in (("_", "-"), ("-", "_"))}
    return sorted(found - {name})


def _folded(name):
    return _SIGNS.sub("", name.lower())
