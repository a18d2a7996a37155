"""How Bases of libdnf5 are made: nothing of /etc is read, and nothing but a request counts."""

import os

import libdnf5.base
import libdnf5.repo
import libdnf5.rpm

from dnf5_keys import MetadataKeys
from dnf5_package import ERRORS
from dnf5_platform import PLATFORM, platform_of, platform_repository
from wire import Failure, without_timings


class Progress(libdnf5.repo.DownloadCallbacks):
    """Tells the other side how many bytes of a download have come."""

    def __init__(self, phase, tell):
        super(Progress, self).__init__()
        self._phase = phase
        self._tell = tell
        self._done = []
        self._totals = []

    def add_new_download(self, user_data, description, total_to_download):
        """Begin a download, of -1 bytes when that is not known."""
        self._done.append(0)
        self._totals.append(max(0, int(total_to_download)))
        return len(self._done) - 1

    def progress(self, user_cb_data, total_to_download, downloaded):
        """Count what has come of one file."""
        number = int(user_cb_data or 0)
        if number < len(self._done):
            self._done[number] = int(downloaded)
            self._totals[number] = max(self._totals[number], int(total_to_download))
        self._tell(self._phase, sum(self._done), sum(self._totals))
        return libdnf5.repo.DownloadCallbacks.OK

    def end(self, user_cb_data, status, msg):
        """Nothing: a failure is raised by the download itself."""
        return libdnf5.repo.DownloadCallbacks.OK

    def mirror_failure(self, user_cb_data, msg, url, metadata):
        """Nothing, as well: the next mirror is tried."""
        return libdnf5.repo.DownloadCallbacks.OK


def words_of(error):
    """Return what libdnf5 raised, in one line."""
    return without_timings(" ".join(str(error).split()))


class Opening:
    """How the Bases of one request are made: nothing of /etc is read, and nothing but the request counts."""

    def __init__(self, request, tell):
        self.request = request
        self._tell = tell
        self.nowhere = os.path.join(request["persistdir"], "nowhere")
        os.makedirs(self.nowhere, mode=0o700, exist_ok=True)
        self._kept = []

    def keep(self, callbacks):
        """Keep what libdnf5 calls back for as long as there are Bases: it owns the half that is its own alone."""
        self._kept.append(callbacks)
        return callbacks

    def base(self, root):
        """Return a Base with no repositories yet."""
        base = libdnf5.base.Base()
        for name, value in self._settings(root).items():
            setattr(base.get_config(), name, value)
        variables = base.get_vars()
        arch = self.request["arch"]
        if arch:
            basearch = libdnf5.rpm.get_base_arch(arch)
            if not basearch:
                raise Failure("host", "unknown architecture %r" % arch)
            variables.set("arch", arch)
            variables.set("basearch", basearch)
        variables.set("releasever", self.request["releasever"] or "")
        base.setup()
        return base

    def _settings(self, root):
        request = self.request
        cachedir = request["cachedir"]
        settings = {
            "reposdir": [],
            "varsdir": [],
            "plugins": False,
            "pluginpath": self.nowhere,
            "pluginconfpath": self.nowhere,
            "installroot": root,
            "cachedir": cachedir,
            "system_cachedir": cachedir,
            "persistdir": request["persistdir"],
            "logdir": cachedir,
            "log_size": 0,
            "metadata_expire": 0,
            "fastestmirror": False,
            "zchunk": False,
            "installonly_limit": 0,
            "clean_requirements_on_remove": False,
            "protected_packages": [],
            "protect_running_kernel": False,
            "exclude_from_weak_autodetect": False,
            "skip_if_unavailable": False,
            "allow_vendor_change": request["allow_vendor_change"],
            "allow_downgrade": True,
            "retries": request["retries"],
            "timeout": request["timeout_s"],
            "best": False,
            "keepcache": True,
            # Closures depend on file names.
            "optional_metadata_types": ["filelists", "updateinfo", "comps"],
        }
        if request["proxy"]:
            settings["proxy"] = request["proxy"]
        return settings

    def add(self, base, options, *, hotfixes):
        """Add a repository. `hotfixes` lets packages of every module stream be seen. Return it and its keys."""
        options = dict(options)
        repo_id = options.pop("repo_id")
        for unused in ("skip_if_unavailable", "excludepkgs", "includepkgs"):
            # Left to libdnf5, a repository would be missing in silence, and excludes could not be looked behind.
            options.pop(unused, None)
        if hotfixes:
            options["module_hotfixes"] = True
        try:
            repo = base.get_repo_sack().create_repo(repo_id)
            for name, value in options.items():
                # The name that dnf 4 has for it is on its way out.
                setattr(repo.get_config(), "pkg_gpgcheck" if name == "gpgcheck" else name, substituted(base, value))
        except (ValueError, TypeError) + ERRORS as error:
            raise Failure("repository", "repository %s: %s" % (repo_id, words_of(error)))
        keys = MetadataKeys(repo) if options.get("repo_gpgcheck") else None
        if keys:
            self.keep(keys)
            repo.set_callbacks(libdnf5.repo.RepoCallbacksUniquePtr(keys))
        return repo, keys

    def add_platform(self, base):
        """Add a repository with nothing but the module of the platform, which modules require.

        libdnf5 makes one of `module_platform_id` when it has worked out already who provides what.
        """
        platform = self.request["module_platform_id"] or platform_of(self.request["root"])
        name, _, stream = (platform or "").partition(":")
        if stream:
            arch = base.get_vars().get_value("arch")
            repo = base.get_repo_sack().create_repo(PLATFORM)
            repo.get_config().baseurl = platform_repository(self.nowhere, name, stream, arch)

    def hear(self, base, phase):
        """Tell of what a Base downloads from now on."""
        progress = self.keep(Progress(phase, self._tell))
        base.set_download_callbacks(libdnf5.repo.DownloadCallbacksUniquePtr(progress))


def substituted(base, value):
    """Return an option's value with variables such as $basearch replaced, in each element of a list."""
    if isinstance(value, (list, tuple)):
        return [substituted(base, element) for element in value]
    return base.get_vars().substitute(value) if isinstance(value, str) else value
