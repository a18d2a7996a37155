"""A transaction of dnf 5."""

import libdnf5.base
import libdnf5.logger
import libdnf5.rpm
import libdnf5.transaction

import rpmdb
import transaction
from dnf5_package import Goal, Package
from dnf5_session import Session
from exact import Exact
from printed import heard
from wire import Failure

_USER = libdnf5.transaction.TransactionItemReason_USER
_DEPENDENCY = libdnf5.transaction.TransactionItemReason_DEPENDENCY
_FORWARD = (
    libdnf5.transaction.TransactionItemAction_INSTALL,
    libdnf5.transaction.TransactionItemAction_UPGRADE,
    libdnf5.transaction.TransactionItemAction_DOWNGRADE,
    libdnf5.transaction.TransactionItemAction_REINSTALL,
)
_REASON_CHANGE = libdnf5.transaction.TransactionItemAction_REASON_CHANGE
# As many as some ten thousand packages write.
_LOG_LINES = 200000
# Before what rpm says, in the log.
_OF_RPM = "[rpm] "
_RESULT = libdnf5.base.Transaction
_CHECKED = libdnf5.rpm.RpmSignature


def _items(session):
    """Return the transaction's packages. An entry that only changes a reason has none that moves."""
    return [item for item in session.transaction.get_transaction_packages() if item.get_action() != _REASON_CHANGE]


class Callbacks(libdnf5.rpm.TransactionCallbacks):
    """Hears what rpm says: a scriptlet that fails too late to refuse shows nowhere else."""

    def __init__(self, tell, running):
        super(Callbacks, self).__init__()
        self._tell = tell
        self._running = running
        self._total = 0
        self.errors = []
        self.printed = []

    def hear(self, content):
        """Keep what was printed past rpm, in bytes."""
        self.printed.append(content.decode("utf-8", "replace"))

    def script_stop(self, item, nevra, type, return_code):  # noqa: A002 - libdnf5's
        """Keep what a scriptlet printed: libdnf5 forgets it when the next begins."""
        self.printed.append(self._running.get_last_script_output())
        if return_code:
            # rpm tells of an error in addition only where that refuses the package.
            kind = libdnf5.rpm.TransactionCallbacks.script_type_to_string(type)
            self.errors.append("Error in %s scriptlet in rpm package %s" % (kind, libdnf5.rpm.to_nevra_string(nevra)))

    def elem_progress(self, item, amount, total):
        """Tell how many of the transaction's steps are done."""
        self._total = int(total)
        if total:
            self._tell("transaction", int(amount), self._total)

    def after_complete(self, success):
        """Tell that all of them are."""
        self._tell("transaction", self._total, self._total)

    def unpack_error(self, item):
        """Keep which package could not be unpacked."""
        self.errors.append("Error unpacking rpm package %s" % item.get_package().get_nevra())

    def cpio_error(self, item):
        """Keep which package could not be unpacked."""
        self.errors.append("Error unpacking rpm package %s" % item.get_package().get_nevra())


class Log(libdnf5.logger.Logger):
    """Hears what rpm says of its errors: libdnf5 passes that on to its log alone."""

    def __init__(self):
        super(Log, self).__init__()
        self.lines = []

    def write(self, time, pid, level, message):
        """Keep a line of rpm's."""
        if level <= self.Level_ERROR and message.startswith(_OF_RPM):
            self.lines.append(message[len(_OF_RPM) :] + "\n")


class Run(transaction.Run):
    """One transaction of dnf 5."""

    def resolved(self, persistdir, *, is_test):
        """Return a session whose transaction is resolved and is the planned one."""
        session = Session(self.opened, self.tell, refresh=False)
        self.expect_state(session)
        session.load_system()
        exact = Exact(session, self.request)
        exact.restrict()
        goal = Goal(session.base)
        exact.add_jobs(goal, exact.leaving)
        if not goal.solve():
            lines = [line for lines in goal.problem_rules() for line in lines]
            raise Failure("transaction", "the transaction has no solution any more", lines)
        session.transaction = goal.transaction
        incoming = {str(Package(item.get_package())) for item in _items(session) if item.get_action() in _FORWARD}
        outgoing = {str(Package(item.get_package())) for item in _items(session) if item.get_action() not in _FORWARD}
        self.expect_sets(exact, incoming, outgoing)
        return session

    def incoming(self, session):
        """Return the packages that a resolved transaction brings."""
        return [Package(item.get_package()) for item in _items(session) if item.get_action() in _FORWARD]

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
        self._expect_success(session, session.transaction.test())

    def run(self, session):
        """Run the transaction and return its Outcome of the other side."""
        callbacks = session.keep(Callbacks(self.tell, session.transaction))
        # It logs from threads that know nothing of Python: its own buffer hears them.
        buffer = session.keep(libdnf5.logger.MemoryBufferLogger(_LOG_LINES))
        session.base.get_logger().add_logger(libdnf5.logger.LoggerUniquePtr(buffer))
        session.transaction.set_callbacks(libdnf5.rpm.TransactionCallbacksUniquePtr(callbacks))
        session.transaction.set_comment(self.request["comment"])
        session.transaction.set_description("yumbridge")
        transaction.expect_unlocked(session.root)
        incoming = {str(package) for package in self.incoming(session)}
        with heard(callbacks.hear):
            result = session.transaction.run()
        if result != _RESULT.TransactionRunResult_ERROR_RPM_RUN:
            self._expect_success(session, result)
        log = Log()
        buffer.write_to_logger(log)
        callbacks.printed += log.lines
        self._record_reasons(session, callbacks.errors)
        # libdnf5 records no end of any package's part: what is there tells.
        present = set(rpmdb.nevras(session.root))
        failed = (incoming - present) | ((set(self.request["outgoing"]) - incoming) & present)
        return {
            "return_code": 0 if result == _RESULT.TransactionRunResult_SUCCESS else 1,
            "failed": sorted(failed),
            "errors": callbacks.errors,
            "output": "".join(callbacks.printed),
        }

    def _expect_success(self, session, result):
        if result == _RESULT.TransactionRunResult_SUCCESS:
            return
        problems = list(session.transaction.get_transaction_problems()) + list(session.transaction.get_rpm_messages())
        if result == _RESULT.TransactionRunResult_ERROR_LOCK:
            told = " ".join(" ".join(problems).split())
            raise Failure("host", "another dnf is at work on %s: %s" % (session.root, told))
        raise transaction.refusal(problems or [_RESULT.transaction_result_to_string(result)])

    def _record_reasons(self, session, errors):
        """Record what was asked for by name as the user's wish, all else as dependencies.

        To libdnf5 every package that a job names is the user's wish, so that this is a transaction of its own.
        """
        base = session.system_alone()
        listed = set(self.request["user"])
        goal = libdnf5.base.Goal(base)
        installed = libdnf5.rpm.PackageQuery(base)
        installed.filter_installed()
        changes = 0
        for package in sorted(map(Package, installed)):
            reason = _USER if str(package) in listed else _DEPENDENCY
            if package.of.get_reason() != reason:
                goal.add_rpm_reason_change(str(package), reason)
                changes += 1
        if not changes:
            return
        recording = goal.resolve()
        recording.set_comment(self.request["comment"])
        recording.set_description("yumbridge: install reasons")
        result = recording.run()
        if result != _RESULT.TransactionRunResult_SUCCESS:
            told = "; ".join(recording.get_transaction_problems()) or _RESULT.transaction_result_to_string(result)
            errors.append("the install reasons could not be recorded: %s" % " ".join(told.split()))
