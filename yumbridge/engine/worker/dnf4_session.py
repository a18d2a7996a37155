"""A dnf 4 Base on one root: private configuration, the profile's repositories, one sack."""

import logging
import os

import dnf
import dnf.callback
import dnf.conf
import dnf.exceptions
import dnf.rpm
import hawkey
import libdnf.conf
import libdnf.error
import libdnf.module

import dnf4_lock
import files
import folders
import repomd
import rpmdb
from dnf4_comps import Comps
from dnf4_keys import Keys, MetadataKeys
from dnf4_modules import Modules
from dnf4_pool import Pool
from wire import Failure, failure_of_repositories, without_timings

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


class _Base(dnf.Base):
    """A Base that knows whose metadata libdnf could not take: dnf says so in words only."""

    refused = None

    def _add_repo_to_sack(self, repo):
        self.refused = repo
        super(_Base, self)._add_repo_to_sack(repo)
        self.refused = None


class Session(Pool):
    """The repositories of one request, loaded. `base` is the dnf Base, `sack` its sack."""

    def __init__(self, request, tell, *, refresh=True, missing=()):
        self.request = request
        self.root = request["root"]
        folders.make_ready(request)
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
        with folders.alone(request["cachedir"]):
            dnf4_lock.clear_stale(request["cachedir"])
            self._load_metadata(refresh=refresh)
            self._fill()
            self.states = {
                repo.id: repomd.state(repo.id, repo.get_metadata_path("primary"))
                for repo in self.base.repos.iter_enabled()
            }
        self.sack = self.base.sack
        self.modules = Modules(self.base, request["modules"])
        self.comps = Comps(self.base)
        self.keys = Keys(self.base)
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
                with folders.small_files(folders.MAX_METADATA_BYTES):
                    repo.load()
                _check_modules(repo, self.conf.substitutions["arch"], self.conf.persistdir)
            except (dnf.exceptions.RepoError, RuntimeError) as error:
                folders.refuse_full(self.conf.cachedir)
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
        return repomd.opened(self, self.conf.substitutions["arch"], self.conf.substitutions["basearch"])

    def load_system(self):
        """Load the rpmdb into the sack: after this no closure can be solved in it."""
        if self.system_loaded:
            return
        try:
            self.sack.load_system_repo(build_cache=False)
        except (IOError, hawkey.Exception) as error:
            # Reading takes room too: SQLite keeps what readers share beside the database.
            folders.refuse_full(rpmdb.folder_of(self.root))
            raise Failure("host", "the rpm database of %s cannot be read: %s" % (self.conf.installroot, error))
        self.system_loaded = True

    # Files

    def file_of(self, package):
        """Return where the file of a package is, or will be."""
        return package.localPkg()

    def download(self, packages, tell):
        """Fetch the packages of remote repositories into the cache."""
        # Files of local repositories are used where they lie. Which of them is damaged dnf does not say: those are left
        # to files.verify().
        cache = os.path.join(self.conf.cachedir, "")
        remote = [package for package in packages if package.localPkg().startswith(cache)]
        for package in remote:
            # dnf before 4.14 takes for whole whatever is in the cache.
            if os.path.exists(package.localPkg()) and files.damage(self, package):
                os.unlink(package.localPkg())
        dnf4_lock.clear_stale(self.conf.cachedir)
        try:
            with folders.small_files(folders.largest_download(package.downloadsize for package in remote)):
                self.base.download_packages(remote, Progress("download", tell))
        except dnf.exceptions.Error as error:
            folders.refuse_full(self.conf.cachedir)
            raise Failure("repository", "packages cannot be downloaded", str(error).splitlines())

    def repodata(self, repo_id):
        """Return the folder with a repository's metadata as it was read."""
        return os.path.dirname(self.base.repos[repo_id].get_metadata_path("primary"))

    def checks(self, repo_id):
        """Tell whether the signatures of a repository's packages are checked."""
        return bool(self.base.repos[repo_id].gpgcheck)

    def close(self):
        """Release the rpmdb, the history and the caches."""
        self.base.close()
