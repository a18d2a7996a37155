"""A dnf 4 Base on one root: private configuration, the profile's repositories, one sack."""

import contextlib
import fcntl
import glob
import hashlib
import logging
import os
import re

import dnf
import dnf.callback
import dnf.conf
import dnf.exceptions
import dnf.rpm
import hawkey
import libdnf.conf
import libdnf.error
import libdnf.module

import dnf4_rpmdb
from dnf4_comps import Comps
from dnf4_keys import MetadataKeys
from dnf4_modules import Modules
from wire import Failure, failure_of_repositories, without_timings

# In the cache: held while metadata comes in and is read.
_LOCK = "metadata.lock"
# A repository folder holds `repomd.xml` beside its primary metadata.
_REVISION = re.compile(rb"<revision>([^<]*)</revision>")

# Unheard, dnf logs to stderr: URLs with passwords, and whatever a server put into them. What is raised is told.
logging.getLogger("dnf").addHandler(logging.NullHandler())


class Progress(dnf.callback.DownloadProgress):
    """Tells the other side how many bytes of a download have come."""

    def __init__(self, phase, tell):
        self._phase = phase
        self._tell = tell
        self._total = 0
        self._done = {}

    def start(self, total_files, total_size, total_drpms=0):
        """Begin a download of `total_size` bytes, 0 when that is not known."""
        self._total = total_size
        self._done = {}

    def progress(self, payload, done):
        """Count what has come of one payload."""
        self._done[str(payload)] = done
        self._tell(self._phase, sum(self._done.values()), self._total)

    def end(self, payload, status, msg):
        """Nothing: a failure is raised by the download itself."""


def make_conf(request):
    """Return a configuration that rests on `request` alone: nothing of /etc is read."""
    conf = dnf.conf.Conf()
    cachedir = request["cachedir"]
    settings = {
        "config_file_path": os.devnull,
        "reposdir": [],
        "varsdir": [],
        "pluginpath": [],
        "pluginconfpath": [],
        "plugins": False,
        "installroot": request["root"],
        "cachedir": cachedir,
        "persistdir": request["persistdir"],
        "logdir": cachedir,
        "debuglevel": 0,
        "errorlevel": 0,
        "logfilelevel": 0,
        "metadata_expire": 0,
        "deltarpm": False,
        "zchunk": False,
        "fastestmirror": False,
        "installonly_limit": 0,
        "clean_requirements_on_remove": False,
        "install_weak_deps": False,
        "protected_packages": [],
        "protect_running_kernel": False,
        "exclude_from_weak_autodetect": False,
        "allow_vendor_change": request["allow_vendor_change"],
        "excludepkgs": request["excludes"],
        "retries": request["retries"],
        "timeout": request["timeout_s"],
        "proxy": request["proxy"] or "",
        "history_record": True,
        # Whoever holds a lock of dnf's is told of, not waited for.
        "exit_on_lock": True,
        "best": False,
    }
    for name, value in settings.items():
        if hasattr(conf, name):
            setattr(conf, name, value)
    if hasattr(conf, "optional_metadata_types"):
        # Closures depend on file names: without the file lists dnf 4.19 and later solve another problem than 4.14.
        conf.optional_metadata_types = ["filelists", "updateinfo", "comps"]
    if request["module_platform_id"]:
        conf.module_platform_id = request["module_platform_id"]
    arch = request["arch"] or hawkey.detect_arch()
    conf.substitutions["arch"] = arch
    conf.substitutions["basearch"] = dnf.rpm.basearch(arch)
    conf.substitutions["releasever"] = request["releasever"] or ""
    return conf


def _make_folder(path):
    """Make a folder that nobody else looks into. Those above it are as others make them: only Python 3.6 minds."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.mkdir(path, 0o700)
    except FileExistsError:
        # Made before, or by another run just now.
        if not os.path.isdir(path):
            raise Failure("host", "the cache %s is no folder" % path)
    except OSError as error:
        raise Failure("host", "the cache %s cannot be made: %s" % (path, error.strerror))


def _refuse_foreign(folder):
    """Refuse a cache that somebody else fills: its owner would decide what a plan sees."""
    if os.stat(folder).st_uid != os.geteuid():
        raise Failure("host", "%s belongs to another user: it is not used" % folder)


def _refuse_links(root, cachedir):
    """Refuse links that rpm, dnf and we would follow out of the root: an image may hold any link."""
    inside = glob.escape(cachedir)
    for path in glob.glob(os.path.join(inside, "*")) + glob.glob(os.path.join(inside, "*", "*")):
        if os.path.islink(path):
            raise Failure("host", "%s is a link: the cache is not used" % path)
    database = dnf4_rpmdb.folder_of(root)
    if not os.path.realpath(database).startswith(os.path.join(os.path.realpath(root), "")):
        raise Failure("host", "the rpm database %s leads out of %s" % (database, root))


def _check_modules(repo, arch, folder):
    """Raise unless libdnf can read the module metadata of a repository: in a sack it would end the process."""
    if not repo.get_metadata_path("modules"):
        return
    container = libdnf.module.ModulePackageContainer(False, folder, arch, folder)  # noqa: FBT003 - not all arches
    try:
        container.add(repo.get_metadata_content("modules"), repo.id)
    except (RuntimeError, TypeError, ValueError, libdnf.error.Error) as error:
        # What is no UTF-8 does not even reach libdnf.
        raise dnf.exceptions.RepoError("its module metadata is damaged: %s" % error)


@contextlib.contextmanager
def _alone(cachedir):
    """Let nobody else replace metadata between its arrival and its reading. Waits for whoever is at it."""
    with open(os.path.join(cachedir, _LOCK), "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class _Base(dnf.Base):
    """A Base that knows whose metadata libdnf could not take: dnf says so in words only."""

    refused = None

    def _add_repo_to_sack(self, repo):
        self.refused = repo
        super(_Base, self)._add_repo_to_sack(repo)
        self.refused = None


class Session:
    """The repositories of one request, loaded. `base` is the dnf Base, `sack` its sack."""

    def __init__(self, request, tell, *, refresh=True, missing=()):
        self.request = request
        for key in ("cachedir", "persistdir"):
            _make_folder(request[key])
        _refuse_foreign(request["cachedir"])
        _refuse_links(request["root"], request["cachedir"])
        try:
            self.conf = make_conf(request)
        except KeyError as error:
            raise Failure("host", "unknown architecture %s" % error)
        if not refresh:
            # What was just read is what the plan is made of: nothing newer may slip in.
            self.conf.metadata_expire = -1
        self.base = _Base(self.conf)
        self._optional = set()
        # What could not be reached stays away, though an old copy of it may lie in the cache.
        self.unavailable = [list(each) for each in missing]
        away = {repo_id for repo_id, _ in missing}
        # Of two repositories that offer the same, the one loaded first is chosen: their order must not matter.
        for repository in sorted(request["repositories"], key=lambda options: options["repo_id"]):
            if repository["repo_id"] not in away:
                self._add(repository)
        self.base.repos.all().set_progress_bar(Progress("metadata", tell))
        with _alone(request["cachedir"]):
            self._load_metadata(refresh=refresh)
            self._fill()
            self._states = {repo.id: self._describe(repo) for repo in self.base.repos.iter_enabled()}
        self.sack = self.base.sack
        self.modules = Modules(self.base, request["modules"])
        self.comps = Comps(self.base)
        self.excludes = self.sack.get_excludes()
        self.system_loaded = False
        # True once all but the packages of one transaction are excluded.
        self.is_restricted = False

    def _add(self, repository):
        options = dict(repository)
        repo_id = options.pop("repo_id")
        urls = options.pop("baseurl")
        if options.pop("skip_if_unavailable", False):
            # Not left to dnf, which would go on in silence.
            self._optional.add(repo_id)
        try:
            repo = self.base.repos.add_new_repo(repo_id, self.conf, baseurl=urls)
            for name, value in options.items():
                # As keyword arguments of add_new_repo() lists lose all but their first element.
                setattr(repo, name, self._substituted(value))
        except (ValueError, RuntimeError, dnf.exceptions.Error) as error:
            raise Failure("repository", "repository %s: %s" % (repo_id, error))
        repo.enable()

    def _substituted(self, value):
        """Return an option's value with variables such as $basearch replaced, in each element of a list."""
        if isinstance(value, list):
            return [self._substituted(element) for element in value]
        if isinstance(value, str):
            return libdnf.conf.ConfigParser.substitute(value, self.conf.substitutions)
        return value

    def _load_metadata(self, *, refresh):
        """Bring every repository's metadata up to date. All that fail are reported together.

        One that may be missing is put aside: the plan will be a degraded one.
        """
        broken = []
        for repo in self.base.repos.iter_enabled():
            if refresh:
                # With metadata_expire=0 what is less than a second old would still be taken for new.
                repo._repo.expire()  # noqa: SLF001 - the public option counts in whole seconds
            keys = MetadataKeys(repo, anew=refresh) if repo.repo_gpgcheck else None
            try:
                repo.load()
                _check_modules(repo, self.conf.substitutions["arch"], self.conf.persistdir)
            except (dnf.exceptions.RepoError, RuntimeError) as error:
                why = without_timings(" ".join(str(error).split()))
                if keys and keys.why_refused():
                    why = keys.why_refused()
                if repo.id in self._optional:
                    self.unavailable.append([repo.id, why])
                    repo.disable()
                else:
                    broken.append("%s: %s" % (repo.id, why))
        if broken:
            raise failure_of_repositories(broken)

    def _fill(self):
        """Load all metadata into the sack. What is damaged shows here only, where libdnf parses it."""
        while True:
            try:
                self.base.fill_sack(load_system_repo=False)
            except (dnf.exceptions.Error, hawkey.Exception, RuntimeError) as error:
                repo = self.base.refused
                why = "its metadata is damaged: %s" % " ".join(str(error.__context__ or error).split())
                if repo is None or repo.id not in self._optional:
                    raise Failure("repository", "%s: %s" % (repo.id, why) if repo else why)
                self.unavailable.append([repo.id, why])
                repo.disable()
            else:
                return

    def describe(self):
        """Return what the answer to `open` says of host and repositories."""
        return {
            "arch": self.conf.substitutions["arch"],
            "basearch": self.conf.substitutions["basearch"],
            "repositories": [
                self._states[options["repo_id"]]
                for options in self.request["repositories"]
                if options["repo_id"] in self._states
            ],
            "unavailable": sorted(self.unavailable),
            "module_problems": self.modules.problems,
            "unused_modules": self.modules.unused,
        }

    def _describe(self, repo):
        primary = repo.get_metadata_path("primary")
        with open(os.path.join(os.path.dirname(primary), "repomd.xml"), "rb") as handle:
            content = handle.read()
        revision = _REVISION.search(content)
        return {
            "repo_id": repo.id,
            "revision": revision.group(1).decode("utf-8", "replace").strip() if revision else "",
            "repomd": "sha256:" + hashlib.sha256(content).hexdigest(),
        }

    def arches(self):
        """Return the arches of the host, the best first."""
        return self.sack.list_arches()

    def installonly(self, query):
        """Return the packages of `query` that are installed beside older builds. Source: dnf.conf, installonlypkgs."""
        return query.filter(provides=self.conf.installonlypkgs)

    def load_system(self):
        """Load the rpmdb into the sack: after this no closure can be solved in it."""
        if self.system_loaded:
            return
        try:
            self.sack.load_system_repo(build_cache=False)
        except (IOError, hawkey.Exception) as error:
            raise Failure("host", "the rpm database of %s cannot be read: %s" % (self.conf.installroot, error))
        self.system_loaded = True

    def close(self):
        """Release the rpmdb, the history and the caches."""
        self.base.close()
