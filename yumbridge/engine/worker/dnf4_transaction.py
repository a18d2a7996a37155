"""A transaction of dnf 4."""

import contextlib

import dnf
import dnf.exceptions
import dnf.transaction
import dnf.yum.rpmtrans
import libdnf.error
import libdnf.transaction

import dnf4_history
import dnf4_lock
import folders
import transaction
from dnf4_pool import Goal
from dnf4_session import Session
from exact import Exact
from printed import heard
from wire import Failure

_USER = libdnf.transaction.TransactionItemReason_USER
_DEPENDENCY = libdnf.transaction.TransactionItemReason_DEPENDENCY
_DONE = libdnf.transaction.TransactionItemState_DONE
_REASON_CHANGE = libdnf.transaction.TransactionItemAction_REASON_CHANGE


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


class Run(transaction.Run):
    """One transaction of dnf 4, whose Base has it."""

    def prepare(self):
        """Make ready, as every engine does."""
        with _room(self.opened["persistdir"]):
            return super(Run, self).prepare()

    def commit(self, cookie):
        """Run the transaction, as every engine does."""
        with _room(self.request["persistdir"]):
            return super(Run, self).commit(cookie)

    def resolved(self, persistdir, *, is_test):
        """Return a session whose transaction is resolved and is the planned one."""
        dnf4_history.remove_half_made(persistdir, is_cache=persistdir == self.opened["persistdir"])
        session = Session(dict(self.opened, persistdir=persistdir), self.tell, refresh=False)
        self.expect_state(session)
        conf = session.conf
        conf.tsflags = ["test"] if is_test else []
        conf.keepcache = True
        conf.comment = self.request["comment"]
        conf.assumeyes = True
        session.load_system()
        exact = Exact(session, self.request)
        exact.restrict()
        exact.add_jobs(Goal(session.sack, session.base.goal), exact.leaving)
        try:
            session.base.resolve(allow_erasing=False)
        except dnf.exceptions.Error as error:
            raise Failure("transaction", "the transaction has no solution any more", str(error).splitlines())
        incoming = {str(item.pkg) for item in _items(session) if item.action in dnf.transaction.FORWARD_ACTIONS}
        outgoing = {str(item.pkg) for item in _items(session) if item.action not in dnf.transaction.FORWARD_ACTIONS}
        self.expect_sets(exact, incoming, outgoing)
        return session

    def incoming(self, session):
        """Return the packages that a resolved transaction brings."""
        return list(session.base.transaction.install_set)

    def bad_signature(self, session, package):
        """Return what is wrong with a signature, or nothing: do_transaction() never checks one."""
        code, text = session.base.package_signature_check(package)
        return text if code != 0 else ""

    def test(self, session):
        """Let rpm test the transaction."""
        _do(session, [])

    def run(self, session):
        """Run the transaction and return its Outcome of the other side."""
        display = Display(self.tell)
        self._set_reasons(session)
        with heard(display.scriptout):
            code = _code(session, display)
        return {
            "return_code": code,
            "failed": sorted(str(item.pkg) for item in _items(session) if item.state != _DONE),
            "errors": display.errors,
            "output": "".join(display.printed),
        }

    def _set_reasons(self, session):
        """Record what was asked for by name as the user's wish, all else as dependencies."""
        listed = set(self.request["user"])
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


@contextlib.contextmanager
def _room(persistdir):
    """Tell of a full disk as such. What libdnf says when it has no room for its history names neither of both."""
    try:
        yield
    except libdnf.error.Error:
        folders.refuse_full(persistdir)
        raise


def _items(session):
    """Return the transaction's packages. An entry that only changes a reason has none."""
    return [item for item in session.base.transaction or () if item.action != _REASON_CHANGE]


def _do(session, displays):
    # Of its lock rpm says no more than that it could not run the transaction.
    transaction.expect_unlocked(session.root)
    dnf4_lock.clear_stale(session.conf.persistdir)
    try:
        return session.base.do_transaction(displays)
    except dnf.exceptions.LockError as error:
        raise Failure("host", "another dnf is at work on %s: %s" % (session.root, error))
    except dnf.exceptions.Error as error:
        raise transaction.refusal(str(error).splitlines())


def _code(session, display):
    """Run the transaction and return the code that dnf's history has of it."""
    try:
        number = _do(session, [display])
    except Failure:
        if not display.errors:
            raise
        # To rpm 6 a scriptlet that fails too late to refuse is a failure of no package, and dnf 4 gives up on it.
        return 1
    records = session.base.history.old([number]) if number else []
    return records[0].return_code if records else 0
