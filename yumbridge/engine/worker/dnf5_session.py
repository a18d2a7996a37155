"""libdnf5 Bases on one root: private configuration, the profile's repositories, one Base without the root's packages.

A Base that has seen the installed packages cannot forget them: transactions are solved in a second one.
"""

import contextlib
import os
import tempfile
import urllib.parse

import libdnf5.base
import libdnf5.repo
import libdnf5.rpm

import files
import folders
import repomd
import rpmdb
from dnf5_base import Opening, substituted, words_of
from dnf5_comps import Comps
from dnf5_keys import Keys
from dnf5_modules import Modules, write_state
from dnf5_package import ERRORS, Query
from dnf5_platform import PLATFORM
from dnf5_pool import Pool
from wire import Failure, failure_of_repositories, without_timings


def _index_of(base, options):
    """Return where a repository's index is, by the first of its URLs."""
    url = substituted(base, list(options["baseurl"]))[0]
    return url.rstrip("/") + "/repodata/repomd.xml"


def _states_of(repos):
    """Return the state of each repository's metadata: see RepositoryState of the other side."""
    return {repo_id: repomd.state(repo_id, repo.get_metadata_path("primary")) for repo_id, repo in repos.items()}


def _why_damaged(path):
    """Return what is wrong with an index, or nothing, as when it has not come."""
    if not os.path.exists(path) or not os.path.getsize(path):
        return ""
    with open(path, "rb") as handle:
        return repomd.why_damaged(handle.read())


class Session(Pool):
    """The repositories of one request, loaded. `base` is the Base that is asked."""

    def __init__(self, request, tell, *, refresh=True, missing=()):
        self.request = request
        self.root = request["root"]
        folders.make_ready(request)
        self._opening = Opening(request, tell)
        self.unavailable = [list(each) for each in missing]
        with folders.alone(request["cachedir"]):
            write_state(self._opening.nowhere, {})
            with folders.small_files(folders.MAX_METADATA_BYTES):
                self.without_system = self._load(refresh=refresh)
            self.modules = Modules(self.repos(), request["modules"])
            if self.modules.states:
                # libdnf5 decides on what modules hide when it loads repositories, and never again.
                write_state(self._opening.nowhere, self.modules.states)
                self.without_system = self._loaded(self._wanted(), refresh=False)
                self.modules.solve(self.without_system)
            self.states = _states_of(self.repos())
        self.arch = self.without_system.get_vars().get_value("arch")
        self.keys = Keys(self)
        self.comps = Comps(self)
        self._with_system = None
        self.transaction = None
        self._excluded = {}
        self.leave_system()

    # Loading

    def _wanted(self):
        away = {repo_id for repo_id, _ in self.unavailable}
        # Of two repositories that offer the same, the one loaded first is chosen: their order must not matter.
        found = sorted(self.request["repositories"], key=lambda options: options["repo_id"])
        return [options for options in found if options["repo_id"] not in away]

    def _load(self, *, refresh):
        """Return a Base with the repositories, their metadata up to date. All that fail are reported together.

        One that may be missing is put aside: the plan will be a degraded one.
        """
        damaged, all_came = self._damaged() if refresh else ({}, True)
        told = ""
        try:
            # Whoever cannot be reached keeps the others waiting once less.
            if all_came and not damaged:
                return self._loaded(self._wanted(), refresh=refresh)
        except ERRORS as error:
            folders.refuse_full(self.request["cachedir"])
            told = words_of(error)
        # libdnf5 tells of one: each is tried by itself.
        broken = []
        for options in self._wanted():
            why = damaged.get(options["repo_id"]) or self._why_not(options, refresh=refresh)
            if why and options.get("skip_if_unavailable"):
                self.unavailable.append([options["repo_id"], why])
            elif why:
                broken.append("%s: %s" % (options["repo_id"], why))
        if broken:
            raise failure_of_repositories(broken)
        try:
            return self._loaded(self._wanted(), refresh=False)
        except ERRORS as error:
            raise Failure("repository", told or words_of(error))

    def _damaged(self):
        """Return why, for each repository whose index is damaged, and whether every index came.

        Over a damaged one librepo ends the process.
        """
        base = self._opening.base(self._opening.nowhere)
        found = {}
        with tempfile.TemporaryDirectory(dir=self.request["persistdir"]) as folder:
            downloader = libdnf5.repo.FileDownloader(base)
            downloader.set_fail_fast(False)
            paths = {}
            for number, options in enumerate(self._wanted()):
                repo, _ = self._opening.add(base, options, hotfixes=False)
                paths[options["repo_id"]] = os.path.join(folder, str(number))
                downloader.add(repo, _index_of(base, options), paths[options["repo_id"]])
            with contextlib.suppress(*ERRORS):
                # Who cannot be reached is told of by the load itself.
                downloader.download()
            for repo_id, path in paths.items():
                why = _why_damaged(path)
                if why:
                    found[repo_id] = "its repomd.xml is damaged: %s" % why
            return found, all(map(os.path.exists, paths.values()))

    def _loaded(self, wanted, *, refresh):
        base = self._opening.base(self._opening.nowhere)
        self._add_all(base, wanted, refresh=refresh, hotfixes=False)
        self._opening.add_platform(base)
        self._opening.hear(base, "metadata")
        base.get_repo_sack().load_repos(libdnf5.repo.Repo.Type_AVAILABLE)
        return base

    def _add_all(self, base, wanted, *, refresh, hotfixes):
        for number, options in enumerate(wanted):
            repo, keys = self._opening.add(base, options, hotfixes=hotfixes)
            # In whatever order libdnf5 loads them, of two that offer the same the one that costs less is chosen.
            repo.get_config().cost = 1000 + number
            if refresh:
                if keys:
                    keys.forget(repo)
                repo.expire()
            else:
                # What was just read is what the plan is made of: nothing newer may slip in.
                repo.get_config().metadata_expire = -1

    def _why_not(self, options, *, refresh):
        """Return why a repository cannot be loaded, or nothing."""
        base = self._opening.base(self._opening.nowhere)
        repo, keys = self._opening.add(base, options, hotfixes=False)
        if refresh:
            repo.expire()
        try:
            base.get_repo_sack().load_repos(libdnf5.repo.Repo.Type_AVAILABLE)
        except ERRORS as error:
            if keys and keys.why_refused():
                return keys.why_refused()
            why = words_of(error)
            return "its module metadata is damaged: %s" % why if "module metadata" in why else why
        return ""

    def repos(self):
        """Return the repositories by id."""
        return self._repos(self.without_system)

    def _repos(self, base):
        found = libdnf5.repo.RepoQuery(base)
        found.filter_type(libdnf5.repo.Repo.Type_AVAILABLE)
        return {repo.get_id(): repo for repo in found if repo.get_id() != PLATFORM}

    def describe(self):
        """Return what the answer to `open` says of host and repositories."""
        return repomd.opened(self, self.arch, self.without_system.get_vars().get_value("basearch"))

    # Which Base is asked

    def leave_system(self):
        """Ask the Base that has not seen the installed packages."""
        self._ask(self.without_system)
        if "" not in self._excluded:
            self._excluded[""] = self._configured_excludes()
        self.excludes = self._excluded[""]
        self.restore_excludes()

    def load_system(self):
        """Ask the Base that has the rpmdb, where there is one."""
        if self._with_system is None:
            self._with_system = self._load_system()
        self._ask(self._with_system)

    def _ask(self, base):
        self.base = base
        self.base.get_rpm_package_sack().clear_user_excludes()
        self.loaded = libdnf5.rpm.PackageQuery(base)

    def _load_system(self):
        base = self._opening.base(self.root)
        with folders.alone(self.request["cachedir"]):
            self._add_all(base, self._wanted(), refresh=False, hotfixes=True)
            try:
                if rpmdb.exists(self.root):
                    base.get_repo_sack().load_repos()
                else:
                    base.get_repo_sack().load_repos(libdnf5.repo.Repo.Type_AVAILABLE)
            except ERRORS as error:
                # Reading takes room too: SQLite keeps what readers share beside the database.
                folders.refuse_full(rpmdb.folder_of(self.root))
                # If rpm cannot read it either, its own words are the better ones.
                rpmdb.cookie(self.root)
                raise Failure("host", "the rpm database of %s cannot be read: %s" % (self.root, words_of(error)))
            states = _states_of(self._repos(base))
        if states != self.states:
            raise Failure("stale", "the cached metadata of the repositories has changed")
        return base

    def system_alone(self):
        """Return a Base with the installed packages as they are now, and nothing else."""
        base = self._opening.base(self.root)
        base.get_repo_sack().load_repos(libdnf5.repo.Repo.Type_SYSTEM)
        return base

    def is_in_a_stream(self, name):
        """Tell whether a name that is not offered would be, were a module stream enabled."""
        return bool(self.modules.streams_with([name])[name])

    def _configured_excludes(self):
        """Return what the options of repositories and the general excludes leave out."""
        offered = self.offered()
        found = self._matching(offered, self.request["excludes"])
        for options in self._wanted():
            of_repository = libdnf5.rpm.PackageQuery(offered.packages)
            of_repository.filter_repo_id([options["repo_id"]])
            own = Query(self.base, of_repository)
            found = found.union(self._matching(own, options.get("excludepkgs", ())))
            if options.get("includepkgs"):
                found = found.union(own.difference(self._matching(own, options["includepkgs"])))
        return found

    def _matching(self, query, patterns):
        """Return the packages of a query that patterns of names or NEVRAs stand for."""
        settings = libdnf5.base.ResolveSpecSettings()
        settings.set_with_nevra(True)
        settings.set_with_provides(False)
        settings.set_with_filenames(False)
        settings.set_with_binaries(False)
        found = query.filter(pkg=[])
        for pattern in patterns:
            matching = libdnf5.rpm.PackageQuery(query.packages)
            matching.resolve_pkg_spec(pattern, settings, False)  # noqa: FBT003 - no source packages
            found = found.union(Query(self.base, matching))
        return found

    # Files

    def repodata(self, repo_id):
        """Return the folder with a repository's metadata as it was read."""
        return os.path.dirname(self._repos(self.base)[repo_id].get_metadata_path("primary"))

    def checks(self, repo_id):
        """Tell whether the signatures of a repository's packages are checked."""
        return any(o["repo_id"] == repo_id and o.get("gpgcheck", False) for o in self.request["repositories"])

    def file_of(self, package):
        """Return where the file of a package is, or will be."""
        path = package.of.get_package_path()
        return path if os.path.exists(path) else _local_file(package) or path

    def download(self, packages, tell):
        """Fetch packages into the cache. Those of local repositories are linked."""
        for package in packages:
            path = package.of.get_package_path()
            if os.path.lexists(path) and (os.path.islink(path) or files.damage(self, package, path)):
                os.unlink(path)
            local = _local_file(package)
            # What is wrong with it files.verify() tells.
            if local and os.path.exists(local):
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                os.symlink(local, path)
        self._fetch([p for p in packages if not _local_file(p) and not os.path.exists(p.of.get_package_path())])

    def _fetch(self, packages):
        if not packages:
            return
        self._opening.hear(self.base, "download")
        downloader = libdnf5.repo.PackageDownloader(self.base)
        downloader.force_keep_packages(True)  # noqa: FBT003 - libdnf5's
        for package in packages:
            downloader.add(package.of)
        try:
            with folders.small_files(folders.largest_download(p.of.get_download_size() for p in packages)):
                downloader.download()
        except ERRORS as error:
            folders.refuse_full(self.request["cachedir"])
            lines = [" ".join(line.split()) for line in without_timings(str(error)).splitlines() if line.strip()]
            lost = [package for package in packages if files.damage(self, package)]
            raise Failure("repository", "packages cannot be downloaded", lines + ["missing: %s" % p for p in lost])

    def keep(self, callbacks):
        """Keep what libdnf5 calls back for as long as there are Bases."""
        return self._opening.keep(callbacks)

    def close(self):
        """Release the Bases, and before them what was solved in one."""
        self.transaction = None
        self.base = self.loaded = self.excludes = self.without_system = self._with_system = None
        self._excluded = {}


def _local_file(package):
    """Return the path of a package in a repository that is a folder, or nothing."""
    for url in package.of.get_remote_locations(["file"]) if package.of.get_repo().is_local() else ():
        return urllib.parse.unquote(urllib.parse.urlsplit(url).path)
    return ""
