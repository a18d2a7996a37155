"""Carry out an exact transaction: download, verify, test, then run."""

import contextlib
import ctypes
import glob
import hashlib
import os
import tempfile

import dnf
import dnf.callback
import dnf.exceptions
import dnf.transaction
import dnf.yum.rpmtrans
import hawkey
import libdnf.error
import libdnf.transaction

import dnf4_history
import dnf4_keys
import dnf4_lock
import dnf4_rpmdb
from dnf4_exact import Exact
from dnf4_session import Progress, Session, refuse_full, small_files
from wire import Failure

_USER = libdnf.transaction.TransactionItemReason_USER
_DEPENDENCY = libdnf.transaction.TransactionItemReason_DEPENDENCY
_DONE = libdnf.transaction.TransactionItemState_DONE
_REASON_CHANGE = libdnf.transaction.TransactionItemAction_REASON_CHANGE
_CHUNK = 1 << 20
# What else is written while packages are downloaded: the log of the solver's library.
_MAX_LOG_BYTES = 1 << 24


class Display(dnf.yum.rpmtrans.TransactionDisplay):
    """Hears what rpm says: nothing raises when a scriptlet fails, so that this is the only place it shows."""

    def __init__(self, tell):
        super(Display, self).__init__()
        self._tell = tell
        self.errors = []
        self.printed = []

    def progress(self, package, action, ti_done, ti_total, ts_done, ts_total):  # noqa: PLR0913, PLR0917 - dnf's
        """Tell how many of the transaction's steps are done."""
        if ts_total:
            self._tell("transaction", ts_done or 0, ts_total)

    def scriptout(self, msgs):
        """Keep what a scriptlet printed."""
        if msgs:
            self.printed.append(msgs if isinstance(msgs, str) else msgs.decode("utf-8", "replace"))

    def error(self, message):
        """Keep what rpm calls an error."""
        self.errors.append(" ".join(str(message).split()))


class Run:
    """One transaction, from its preparation to its end."""

    def __init__(self, opened, states, request, tell):
        self._opened = opened
        self._states = states
        self._request = request
        self._tell = tell

    def prepare(self):
        """Download, verify, import keys, test. Return the cookie at which the transaction may run."""
        with _room(self._opened["persistdir"]):
            return self._prepared(self._opened["root"])

    def _prepared(self, root):
        _expect_unlocked(root)
        _expect_cookie(root, self._request["cookie"])
        session = self._resolved(self._opened["persistdir"], ["test"])
        try:
            packages = list(session.base.transaction.install_set)
            download(session, packages, self._tell)
            verify_checksums(packages)
            dnf4_keys.import_keys(session, self._request["keys"])
            _verify_signatures(session, packages)
            _do(session, [])
        finally:
            session.close()
        return {"cookie": dnf4_rpmdb.cookie(root)}

    def commit(self, cookie):
        """Run the transaction, and say what the engine says of it."""
        with _room(self._request["persistdir"]):
            return self._committed(cookie)

    def _committed(self, cookie):
        _expect_cookie(self._opened["root"], cookie)
        session = self._resolved(self._request["persistdir"], [])
        display = Display(self._tell)
        try:
            self._set_reasons(session)
            with _printed(display):
                number = _do(session, [display])
            answer = self._outcome(session, number, display)
            if not self._opened["keepcache"]:
                remove_downloads(session)
        finally:
            session.close()
        return answer

    def _resolved(self, persistdir, tsflags):
        """Return a session whose transaction is resolved and is the planned one."""
        dnf4_history.remove_half_made(persistdir, is_cache=persistdir == self._opened["persistdir"])
        session = Session(dict(self._opened, persistdir=persistdir), self._tell, refresh=False)
        if session.describe()["repositories"] != self._states:
            raise Failure("stale", "the cached metadata of the repositories has changed")
        conf = session.conf
        conf.tsflags = tsflags
        conf.keepcache = True
        conf.comment = self._request["comment"]
        conf.assumeyes = True
        session.load_system()
        exact = Exact(session, self._request)
        exact.restrict()
        exact.add_jobs(session.base.goal, exact.leaving)
        try:
            session.base.resolve(allow_erasing=False)
        except dnf.exceptions.Error as error:
            raise Failure("transaction", "the transaction has no solution any more", str(error).splitlines())
        self._expect_sets(session, exact)
        return session

    def _expect_sets(self, session, exact):
        """Refuse a transaction that touches anything the plan does not."""
        incoming = {str(item.pkg) for item in _items(session) if item.action in dnf.transaction.FORWARD_ACTIONS}
        outgoing = {str(item.pkg) for item in _items(session) if item.action not in dnf.transaction.FORWARD_ACTIONS}
        planned = {str(package) for package in exact.incoming}
        leaving = set(self._request["outgoing"])
        if incoming != planned or outgoing != leaving:
            raise Failure(
                "plan-mismatch",
                "the transaction is not the plan's; nothing was done",
                ["not planned: %s" % nevra for nevra in sorted((incoming - planned) | (outgoing - leaving))]
                + ["missing: %s" % nevra for nevra in sorted((planned - incoming) | (leaving - outgoing))],
            )

    def _set_reasons(self, session):
        """Record what was asked for by name as the user's wish, all else as dependencies."""
        listed = set(self._request["user"])
        touched = set()
        for item in _items(session):
            if item.action in dnf.transaction.FORWARD_ACTIONS:
                item.reason = _USER if str(item.pkg) in listed else _DEPENDENCY
            touched.add(str(item.pkg))
        history = session.base.history
        for package in sorted(session.sack.query().installed()):
            reason = _USER if str(package) in listed else _DEPENDENCY
            if str(package) not in touched and history.rpm.get_reason(package) != reason:
                history.set_reason(package, reason)

    def _outcome(self, session, number, display):
        failed = sorted(str(item.pkg) for item in _items(session) if item.state != _DONE)
        records = session.base.history.old([number]) if number else []
        return {
            "return_code": records[0].return_code if records else 0,
            "failed": failed,
            "errors": display.errors,
            "output": "".join(display.printed),
        }


@contextlib.contextmanager
def _room(persistdir):
    """Tell of a full disk as such. What libdnf says when it has no room for its history names neither of both."""
    try:
        yield
    except libdnf.error.Error:
        refuse_full(persistdir)
        raise


def _items(session):
    """Return the transaction's packages. An entry that only changes a reason has none."""
    return [item for item in session.base.transaction or () if item.action != _REASON_CHANGE]


def _expect_cookie(root, cookie):
    if dnf4_rpmdb.cookie(root) != cookie:
        raise Failure("stale", "the rpm database of %s has changed since it was read" % root)


def _expect_unlocked(root):
    if dnf4_rpmdb.is_locked(root):
        raise Failure("host", "the rpm database of %s is locked by another program; nothing was done" % root)


def _do(session, displays):
    # Of its lock rpm says no more than that it could not run the transaction.
    _expect_unlocked(session.conf.installroot)
    dnf4_lock.clear_stale(session.conf.persistdir)
    try:
        return session.base.do_transaction(displays)
    except dnf.exceptions.LockError as error:
        raise Failure("host", "another dnf is at work on %s: %s" % (session.conf.installroot, error))
    except dnf.exceptions.Error as error:
        lines = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
        raise Failure("transaction", lines[0] if lines else "rpm refused the transaction", lines[1:])


def _is_in_cache(session, package):
    """Tell whether a package's file is a download. Files of local repositories are used where they lie."""
    return package.localPkg().startswith(os.path.join(session.conf.cachedir, ""))


def download(session, packages, tell):
    """Fetch the packages of remote repositories into the cache."""
    # Of a local repository dnf does not say which package is damaged: those are left to verify_checksums().
    remote = [package for package in packages if _is_in_cache(session, package)]
    for package in remote:
        # dnf before 4.14 takes for whole whatever is in the cache.
        if os.path.exists(package.localPkg()) and damage(package):
            os.unlink(package.localPkg())
    dnf4_lock.clear_stale(session.conf.cachedir)
    largest = max([package.downloadsize for package in remote] or [0])
    try:
        with small_files(largest + _MAX_LOG_BYTES):
            session.base.download_packages(remote, Progress("download", tell))
    except dnf.exceptions.Error as error:
        refuse_full(session.conf.cachedir)
        raise Failure("repository", "packages cannot be downloaded", str(error).splitlines())


def verify_checksums(packages):
    """Compare the files of all packages with what their repositories say of them."""
    damages = [found for found in map(damage, sorted(packages)) if found]
    if damages:
        one = len(damages) == 1
        raise Failure(
            "repository", damages[0] if one else "%d packages are damaged" % len(damages), [] if one else damages
        )


def damage(package, path=None):
    """Return what is wrong with a package's file, or with the copy of it at `path`, or None."""
    kind, value = package.chksum
    digest = hashlib.new(hawkey.chksum_name(kind))
    try:
        with open(path or package.localPkg(), "rb") as handle:
            for chunk in iter(lambda: handle.read(_CHUNK), b""):
                digest.update(chunk)
    except OSError as error:
        return "%s cannot be read: %s" % (package, error.strerror)
    if digest.digest() != value:
        return "%s is damaged: its checksum is not what repository %s says" % (package, package.reponame)
    return None


def _verify_signatures(session, packages):
    """Check signatures: do_transaction() never does."""
    bad = []
    for package in sorted(packages):
        code, text = session.base.package_signature_check(package)
        if code != 0:
            bad.append(text)
    if bad:
        raise Failure("transaction", "%d package(s) without a good signature" % len(bad), bad)


def remove_downloads(session):
    """Free the cache of packages, those of interrupted runs too: what is there is installed, staged or not wanted."""
    for path in glob.glob(os.path.join(glob.escape(session.conf.cachedir), "*", "packages", "*.rpm")):
        os.unlink(path)


@contextlib.contextmanager
def _printed(display):
    """Let `display` hear what Lua scriptlets print: rpm sends that to descriptor 1, and only programs' to its log."""
    buffers = ctypes.CDLL(None)
    buffers.fflush(None)
    kept = os.dup(1)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)
        try:
            yield
        finally:
            buffers.fflush(None)
            os.dup2(kept, 1)
            os.close(kept)
            printed.seek(0)
            display.scriptout(printed.read())
