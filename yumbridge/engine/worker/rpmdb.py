"""What a host has installed: rows, cookie, keys. Creates no rpmdb where there is none."""

import fcntl
import hashlib
import os

import rpm

from wire import Failure

# The files by which rpm's backends (sqlite, ndb, bdb) keep a database.
_DATABASES = ("rpmdb.sqlite", "Packages.db", "Packages")

# What rpm answers for a database that holds nothing.
EMPTY_COOKIE = hashlib.sha256(b"").hexdigest()
# The same of rpm before 4.17.
_EMPTY_SHA1 = hashlib.sha1(b"").hexdigest()  # noqa: S324 - to recognise, not to trust


def folder_of(root):
    """Return where the rpmdb of `root` lies, as rpm on this platform has it; it need not be there."""
    return os.path.join(root, rpm.expandMacro("%{_dbpath}").lstrip("/"))


def exists(root):
    """Tell whether `root` has an rpmdb, without opening one: opening creates it."""
    folder = folder_of(root)
    return any(os.path.exists(os.path.join(folder, name)) for name in _DATABASES)


def is_locked(root):
    """Tell whether another program holds rpm's own lock. Only for when none of our own transactions is under way."""
    path = os.path.join(root, rpm.expandMacro("%{_rpmlock_path}").lstrip("/"))
    try:
        with open(path, "r+") as handle:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def cookie(root):
    """Return rpm's cookie of the rpmdb: it changes whenever the rpmdb does."""
    if not exists(root):
        return EMPTY_COOKIE
    transaction = _open(root)
    try:
        value = transaction.dbCookie()
    finally:
        transaction.closeDB()
    if not value:
        raise Failure("host", "the rpm database of %s has no cookie: is it locked or damaged?" % root)
    text = value.decode("ascii") if isinstance(value, bytes) else value
    return EMPTY_COOKIE if text == _EMPTY_SHA1 else text


def _open(root):
    transaction = rpm.TransactionSet(root)
    # Reading names is no reason to verify every header again. The flags are public, their names in Python are not.
    transaction.setVSFlags(rpm._RPMVSF_NOSIGNATURES | rpm._RPMVSF_NODIGESTS)  # noqa: SLF001
    try:
        # dbCookie() answers None for a database that was not opened first.
        transaction.openDB()
    except rpm.error as error:
        raise Failure("host", "the rpm database of %s cannot be opened: %s" % (root, error))
    return transaction


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else (value or "")


def headers(root):
    """Yield the header of every installed package, keys left out, straight from the rpmdb."""
    if not exists(root):
        return
    transaction = _open(root)
    try:
        for header in transaction.dbMatch():
            if _text(header[rpm.RPMTAG_NAME]) != "gpg-pubkey":
                yield header
    finally:
        transaction.closeDB()


def nevras(root):
    """Return the sorted NEVRAs of all installed packages: what is really there, duplicates and all."""
    return sorted(nevra_of_header(header) for header in headers(root))


def nevra_of_header(header):
    """Return name-[epoch:]version-release.arch, the epoch only when it is not 0."""
    epoch = header[rpm.RPMTAG_EPOCH]
    return "%s-%s%s-%s.%s" % (
        _text(header[rpm.RPMTAG_NAME]),
        "%d:" % epoch if epoch else "",
        _text(header[rpm.RPMTAG_VERSION]),
        _text(header[rpm.RPMTAG_RELEASE]),
        _text(header[rpm.RPMTAG_ARCH]),
    )


def keys(root):
    """Return the sorted "version-release" of every imported key: its id and its time of creation, in hex."""
    if not exists(root):
        return []
    transaction = _open(root)
    try:
        return sorted(
            "%s-%s" % (_text(header[rpm.RPMTAG_VERSION]), _text(header[rpm.RPMTAG_RELEASE]))
            for header in transaction.dbMatch("name", "gpg-pubkey")
        )
    finally:
        transaction.closeDB()


def installed_rows(session):
    """Return a row per installed package: see InstalledPackage of the other side."""
    root = session.root
    if not exists(root):
        return []
    session.load_system()
    installed = session.query().installed()
    beside = set(session.installonly(installed))
    releases = {}
    for relation in ("provides", "requires"):
        for package in installed.filter(**{relation: "kernel-uname-r"}):
            found = releases.setdefault(package, set())
            for reldep in getattr(package, relation):
                name, _, version = str(reldep).partition(" = ")
                if name == "kernel-uname-r" and version:
                    found.add(version)
    rows = [
        [
            p.name,
            p.epoch,
            p.version,
            p.release,
            p.arch,
            p.installsize,
            p.sourcerpm or "",
            p in beside,
            sorted(releases.get(p, ())),
        ]
        for p in installed
    ]
    return sorted(rows + [_key_row(key) for key in keys(root)])


def _key_row(key):
    """Return the row of an imported key, which rpm keeps as a package: libsolv leaves keys out."""
    version, _, release = key.partition("-")
    return ["gpg-pubkey", 0, version, release, "(none)", 0, "", False, []]
