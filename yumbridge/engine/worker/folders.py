"""The cache of an engine: made for one user, led astray by nobody, and filled by one at a time."""

import contextlib
import fcntl
import glob
import os

import rpmdb
from wire import Failure

# In the cache: held while metadata comes in and is read.
_LOCK = "metadata.lock"


def make_folder(path):
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


def refuse_foreign(folder):
    """Refuse a cache that somebody else fills: its owner would decide what a plan sees."""
    if os.stat(folder).st_uid != os.geteuid():
        raise Failure("host", "%s belongs to another user: it is not used" % folder)


def refuse_links(root, cachedir):
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
    with open(os.path.join(cachedir, _LOCK), "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
