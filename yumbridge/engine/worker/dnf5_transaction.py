"""A transaction of dnf 5."""

import libdnf5.base
import libdnf5.rpm
import libdnf5.transaction

import transaction
from dnf5_package import Goal, Package
from dnf5_session import Session
from exact import Exact
from printed import heard
from wire import Failure

_USER = libdnf5.transaction.TransactionItemReason_USER
_DEPENDENCY = libdnf5.transaction.TransactionItemReason_DEPENDENCY
_OK = libdnf5.transaction.TransactionItemState_OK
_FORWARD = (
    libdnf5.transaction.TransactionItemAction_INSTALL,
    libdnf5.transaction.TransactionItemAction_UPGRADE,
    libdnf5.transaction.TransactionItemAction_DOWNGRADE,
    libdnf5.transaction.TransactionItemAction_REINSTALL,
)
_REASON_CHANGE = libdnf5.transaction.TransactionItemAction_REASON_CHANGE
_RESULT = libdnf5.base.Transaction
_CHECKED = libdnf5.rpm.RpmSignature


class Callbacks(libdnf5.rpm.TransactionCallbacks):
    """Hears what rpm says: a scriptlet that fails too late to refuse shows nowhere else."""

    def __init__(self, tell):
        super(Callbacks, self).__init__()
        self._tell = tell
        self.errors = []

    def elem_progress(self, item, amount, total):
        """Tell how many of the transaction's steps are done."""
        if total:
            self._tell("transaction", int(amount), int(total))

    def script_error(self, item, nevra, type, return_code):  # noqa: A002 - libdnf5's
        """Keep which scriptlet failed."""
        kind = libdnf5.rpm.TransactionCallbacks.script_type_to_string(type)
        name = libdnf5.rpm.to_nevra_string(nevra)
        self.errors.append("Error in %s scriptlet in rpm package %s" % (kind, name))

    def unpack_error(self, item):
        """Keep which package could not be unpacked."""
        self.errors.append("Error unpacking rpm package %s" % item.get_package().get_nevra())

    def cpio_error(self, item):
        """Keep which package could not be unpacked."""
        self.errors.append("Error unpacking rpm package %s" % item.get_package().get_nevra())


class Run(transaction.Run):
    """One transaction of dnf 5."""

    _solved = None

    def resolved(self, persistdir, *, is_test):
        """Return a session whose transaction is resolved and is the planned one."""
        session = Session(self.opened, self.tell, refresh=False)
        self.expect_state(session)
        session.load_system()
        exact = Exact(session, self.request)
        exact.restrict()
        goal = Goal(session.base)
        exact.add_jobs(goal, exact.leaving)
        self._change_reasons(session, goal, exact)
        if not goal.solve():
            lines = [line for lines in goal.problem_rules() for line in lines]
            raise Failure("transaction", "the transaction has no solution any more", lines)
        self._solved = goal.transaction
        incoming = {str(Package(item.get_package())) for item in self._items() if item.get_action() in _FORWARD}
        outgoing = {str(Package(item.get_package())) for item in self._items() if item.get_action() not in _FORWARD}
        self.expect_sets(exact, incoming, outgoing)
        return session

    def _items(self):
        """Return the transaction's packages. An entry that only changes a reason has none that moves."""
        return [item for item in self._solved.get_transaction_packages() if item.get_action() != _REASON_CHANGE]

    def incoming(self, session):
        """Return the packages that a resolved transaction brings."""
        return [Package(item.get_package()) for item in self._items() if item.get_action() in _FORWARD]

    def bad_signature(self, session, package):
        """Return what is wrong with a signature, or nothing."""
        if not session.checks(package.reponame):
            return ""
        result = _CHECKED(session.base).check_package_signature(session.file_of(package))
        if result in (_CHECKED.CheckResult_OK, _CHECKED.CheckResult_SKIPPED):
            return ""
        return "%s: %s" % (package, _CHECKED.check_result_to_string(result))

    def test(self, session):
        """Let rpm test the transaction."""
        transaction.expect_unlocked(session.root)
        self._expect_success(session, self._solved.test())

    def run(self, session):
        """Run the transaction and return its Outcome of the other side."""
        printed = []
        callbacks = Callbacks(self.tell)
        self._solved.set_callbacks(libdnf5.rpm.TransactionCallbacksUniquePtr(callbacks))
        self._solved.set_comment(self.request["comment"])
        self._solved.set_description("yumbridge")
        transaction.expect_unlocked(session.root)
        with heard(lambda content: printed.append(content.decode("utf-8", "replace"))):
            result = self._solved.run()
        if result != _RESULT.TransactionRunResult_ERROR_RPM_RUN:
            self._expect_success(session, result)
        printed.append(self._solved.get_last_script_output())
        failed = sorted(str(Package(i.get_package())) for i in self._items() if i.get_state() != _OK)
        return {
            "return_code": 0 if result == _RESULT.TransactionRunResult_SUCCESS else 1,
            "failed": failed,
            "errors": callbacks.errors,
            "output": "".join(printed),
        }

    def _expect_success(self, session, result):
        if result == _RESULT.TransactionRunResult_SUCCESS:
            return
        problems = list(self._solved.get_transaction_problems()) + list(self._solved.get_rpm_messages())
        if result == _RESULT.TransactionRunResult_ERROR_LOCK:
            told = " ".join(" ".join(problems).split())
            raise Failure("host", "another dnf is at work on %s: %s" % (session.root, told))
        raise transaction.refusal(problems or [_RESULT.transaction_result_to_string(result)])

    def _change_reasons(self, session, goal, exact):
        """Record what was asked for by name as the user's wish, all else as dependencies."""
