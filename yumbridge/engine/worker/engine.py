"""What an engine answers: one method per request of the protocol."""

import sys

import rpm

import keys
import rpmdb
from closure import Closure
from exact import Exact
from offers import Offers
from part import Part, Relations
from stage import Stage
from wire import Failure


class Handler:
    """Answers requests, keeping the repositories it has loaded from one to the next.

    Each engine gives it a `name`, its `version`, the `Session` of its repositories and the `Run` of a transaction.
    """

    name = ""
    version = ""
    Session = None
    Run = None

    def __init__(self, tell):
        self._tell = tell
        self._session = None
        self._opened = None
        self._run = None

    def hello(self):
        """Return what this engine is."""
        return {
            "name": self.name,
            "version": self.version,
            "rpm": rpm.__version__,
            "python": sys.version.split(" ", 1)[0],
        }

    def do_open(self, **request):
        """Load the metadata of the given repositories."""
        self._opened = request
        if self._session is not None:
            # A sack is large, and has to go before the next one comes.
            self._session.close()
        # What is asked next must not be answered from other repositories, should these fail.
        self._session = None
        self._session = self.Session(request, self._tell)
        return self._session.describe()

    def do_closure(self, **request):
        """Solve a list of specs from an empty root."""
        return Closure(self._need_offered(), request).solve()

    def do_installed(self, **request):
        """Return what the host has installed."""
        session = self._need_session()
        return {
            "cookie": rpmdb.cookie(session.root),
            "packages": rpmdb.installed_rows(session),
        }

    def do_exact(self, **request):
        """Solve exactly the given changes."""
        return Exact(self._need_host(), request).solve()

    def do_part(self, most, **request):
        """Solve for a part of the given changes: as many as possible, or those that must be."""
        part = Part(self._need_host(), request)
        return part.most() if most else part.attempt()

    def do_relations(self, **request):
        """Return what some packages need and cannot stand beside."""
        return Relations(self._need_host(), request).read()

    def do_groups(self, names):
        """Return which of some names are those of groups."""
        comps = self._need_session().comps
        return {"names": [name for name in names if comps.has(name)]}

    def do_offers(self, names, modules):
        """Return what there is of some names and modules, and what is written like the names."""
        return Offers(self._need_offered()).read(names, modules)

    def do_keys(self, repo_ids):
        """Return the public keys of some repositories."""
        return {"keys": keys.states(self._need_session(), repo_ids)}

    def do_stage(self, **request):
        """Write packages, metadata and keys where a later run finds them without network."""
        return Stage(self._need_session(), request, self._tell).write()

    def do_prepare(self, **request):
        """Make everything ready for a transaction without changing more than the keys."""
        states = self._need_session().describe()["repositories"]
        # A repository that could not be reached has no part in the plan, even if an old copy of it is in the cache.
        reached = {state["repo_id"] for state in states}
        repositories = [options for options in self._opened["repositories"] if options["repo_id"] in reached]
        self._run = self.Run(dict(self._opened, repositories=repositories), states, request, self._tell)
        return self._run.prepare()

    def do_commit(self, cookie):
        """Carry out what was prepared."""
        if self._run is None:
            raise Failure("usage", "nothing was prepared")
        return self._run.commit(cookie)

    def do_verify(self):
        """Read the rpmdb anew."""
        root = self._need_session().root
        return {"cookie": rpmdb.cookie(root), "nevras": rpmdb.nevras(root)}

    def _reload(self):
        """Load the same metadata into a new sack."""
        before = self._session.describe()
        self._session.close()
        self._session = self.Session(self._opened, self._tell, refresh=False, missing=before["unavailable"])
        if self._session.describe() != before:
            raise Failure("stale", "the cached metadata of the repositories has changed")

    def _need_offered(self):
        """Return the session with nothing but what the repositories offer, and all of that."""
        session = self._need_session()
        if session.system_loaded or session.is_restricted:
            # A sack that has seen the installed packages gives wrong closures, whatever is excluded from it. One
            # that was restricted to a transaction lacks the rest.
            self._reload()
        return self._session

    def _need_host(self):
        """Return the session with what the host has installed."""
        session = self._need_session()
        if rpmdb.exists(session.root):
            session.load_system()
        return session

    def _need_session(self):
        if self._session is None:
            raise Failure("usage", "no repositories were opened")
        return self._session
