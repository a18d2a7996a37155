"""Which package of a closure brings which other, and by what capability."""


class Reasons:
    """The dependencies among some packages. Each capability is looked up once."""

    def __init__(self, session, packages):
        self._packages = packages
        self._numbers = {package: number for number, package in enumerate(packages)}
        self._inside = session.query().filter(pkg=packages)
        self._providers = {}
        self._found = {}

    def edges(self):
        """Return sorted [kind, from, to, capability], packages by number, one per pair and kind."""
        for number, package in enumerate(self._packages):
            for reldep in package.requires:
                self._add("requires", number, reldep)
            for reldep in package.recommends:
                self._add("recommends", number, reldep)
            for reldep in package.supplements:
                self._add("supplements", number, reldep)
        return sorted([kind, source, target, min(texts)] for (kind, source, target), texts in self._found.items())

    def _add(self, kind, number, reldep):
        for other in self._met_by(reldep):
            if other == number:
                continue
            # A package that supplements another is brought by it.
            pair = (other, number) if kind == "supplements" else (number, other)
            self._found.setdefault((kind,) + pair, set()).add(str(reldep))

    def _met_by(self, reldep):
        text = str(reldep)
        if text not in self._providers:
            self._providers[text] = [self._numbers[package] for package in self._inside.filter(provides=reldep)]
        return self._providers[text]
