"""The files of packages, compared with what their repositories say of them."""

import hashlib

from wire import failure_of_several

_CHUNK = 1 << 20


def verify(session, packages):
    """Compare the files of all packages with what their repositories say of them."""
    damages = [found for found in (damage(session, package) for package in sorted(packages)) if found]
    if damages:
        raise failure_of_several(damages, "%d packages are damaged")


def damage(session, package, path=None):
    """Return what is wrong with a package's file, or with the copy of it at `path`, or None."""
    kind, _, expected = session.checksum(package).partition(":")
    digest = hashlib.new(kind)
    try:
        with open(path or session.file_of(package), "rb") as handle:
            for chunk in iter(lambda: handle.read(_CHUNK), b""):
                digest.update(chunk)
    except OSError as error:
        return "%s cannot be read: %s" % (package, error.strerror)
    if digest.hexdigest() != expected:
        return "%s is damaged: its checksum is not what repository %s says" % (package, package.reponame)
    return None
