"""What is wrong with a file of comps, and what a group of them stands for."""

from xml.parsers import expat

_ROOT = "comps"


def why_damaged(content):
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


def merged(members, types):
    """Return sorted (name, condition or None) of (name, kind, condition)s, those whose kind is among `types`."""
    found = {}
    for name, kind, condition in members:
        if kind in types:
            needed = condition if kind == "conditional" else None
            # A member of two groups counts as soon as one of them wants it without a condition.
            found[name] = None if found.get(name, "") is None else needed
    return sorted(found.items(), key=lambda entry: entry[0])
