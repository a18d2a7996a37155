"""The cache of an engine: made for one user, led astray by nobody, and filled by one at a time."""

import contextlib
import fcntl
import glob
import os
import resource

import rpmdb
from wire import Failure

# In the cache: held while metadata comes in and is read.
_LOCK = "metadata.lock"
MAX_METADATA_BYTES = 1 << 30
"""No file of metadata is larger."""
# What else is written while packages are downloaded: the log of the solver's library.
_MAX_LOG_BYTES = 1 << 24
# What failed for want of space has given some of it back by now.
_MIN_FREE_BYTES = 1 << 20


def make_ready(request):
    """Make the folders of a request, and see that they, and the rpmdb, are nobody else's."""
    for key in ("cachedir", "persistdir"):
        _make_folder(request[key])
    _refuse_foreign(request["cachedir"])
    _refuse_links(request["root"], request["cachedir"])


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
    database = rpmdb.folder_of(root)
    if not os.path.realpath(database).startswith(os.path.join(os.path.realpath(root), "")):
        raise Failure("host", "the rpm database %s leads out of %s" % (database, root))


@contextlib.contextmanager
def alone(cachedir):
    """Let nobody else replace metadata between its arrival and its reading. Waits for whoever is at it."""
    try:
        handle = open(os.path.join(cachedir, _LOCK), "w")  # noqa: SIM115 - what goes wrong inside is no fault of it
    except OSError as error:
        raise Failure("host", "the cache %s cannot be written: %s" % (cachedir, error.strerror))
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def small_files(most_bytes):
    """Let no file grow larger than what is fetched can be: a server that never ends would fill the disk.

    librepo takes what comes for as long as it comes, whatever the metadata says of its size. Python ignores the signal
    that a limit brings with it, and who writes is told that the file is too large. Source: setrlimit(2).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if soft == resource.RLIM_INFINITY or soft > most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def largest_download(sizes):
    """Return how large a file may grow while packages of some sizes are downloaded."""
    return max(sizes, default=0) + _MAX_LOG_BYTES


def refuse_full(folder):
    """Tell that a disk is full where that is why something failed: dnf would say that repositories are damaged."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < _MIN_FREE_BYTES:
        raise Failure("host", "the disk of %s is full: No space left on device" % folder)


def remove_downloads(cachedir):
    """Free the cache of packages, those of interrupted runs too: what is there is installed, staged or not wanted."""
    for path in glob.glob(os.path.join(glob.escape(cachedir), "*", "packages", "*.rpm")):
        os.unlink(path)
