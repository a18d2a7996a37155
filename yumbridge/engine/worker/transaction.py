"""Carry out an exact transaction: download, verify, test, then run."""

import files
import folders
import keys
import rpmdb
from wire import Failure


class Run:
    """One transaction, from its preparation to its end. What the engines do in their own ways is at the end.

    `opened` is the request that opened the repositories, `states` is what they were then.
    """

    def __init__(self, opened, states, request, tell):
        self.opened = opened
        self.states = states
        self.request = request
        self.tell = tell

    def prepare(self):
        """Download, verify, import keys, test. Return the cookie at which the transaction may run."""
        root = self.opened["root"]
        expect_unlocked(root)
        _expect_cookie(root, self.request["cookie"])
        session = self.resolved(self.opened["persistdir"], is_test=True)
        try:
            packages = self.incoming(session)
            session.download(packages, self.tell)
            files.verify(session, packages)
            keys.import_keys(session, self.request["keys"])
            self._expect_signatures(session, packages)
            self.test(session)
        finally:
            session.close()
        return {"cookie": rpmdb.cookie(root)}

    def commit(self, cookie):
        """Run the transaction, and say what the engine says of it."""
        _expect_cookie(self.opened["root"], cookie)
        session = self.resolved(self.request["persistdir"], is_test=False)
        try:
            answer = self.run(session)
            if not self.opened["keepcache"]:
                folders.remove_downloads(self.opened["cachedir"])
        finally:
            session.close()
        return answer

    def expect_state(self, session):
        """Refuse metadata that is not what was opened."""
        if session.describe()["repositories"] != self.states:
            raise Failure("stale", "the cached metadata of the repositories has changed")

    def expect_sets(self, exact, incoming, outgoing):
        """Refuse a transaction that touches anything the plan does not; sets of NEVRAs."""
        planned = {str(package) for package in exact.incoming}
        leaving = set(self.request["outgoing"])
        if incoming != planned or outgoing != leaving:
            raise Failure(
                "plan-mismatch",
                "the transaction is not the plan's; nothing was done",
                ["not planned: %s" % nevra for nevra in sorted((incoming - planned) | (outgoing - leaving))]
                + ["missing: %s" % nevra for nevra in sorted((planned - incoming) | (leaving - outgoing))],
            )

    def _expect_signatures(self, session, packages):
        bad = [text for text in (self.bad_signature(session, package) for package in sorted(packages)) if text]
        if bad:
            raise Failure("transaction", "%d package(s) without a good signature" % len(bad), bad)

    def resolved(self, persistdir, *, is_test):
        """Return a session whose transaction is resolved and is the planned one."""
        raise NotImplementedError

    def incoming(self, session):
        """Return the packages that a resolved transaction brings."""
        raise NotImplementedError

    def bad_signature(self, session, package):
        """Return what is wrong with the signature of a package whose repository has them checked, or nothing."""
        raise NotImplementedError

    def test(self, session):
        """Let rpm test the transaction. Raises Failure."""
        raise NotImplementedError

    def run(self, session):
        """Run the transaction and return its Outcome of the other side."""
        raise NotImplementedError


def refusal(lines):
    """Return the Failure of a transaction that rpm refuses, from what it says, which may be nothing."""
    lines = [" ".join(line.split()) for line in lines if line.strip()]
    return Failure("transaction", lines[0] if lines else "rpm refused the transaction", lines[1:])


def _expect_cookie(root, cookie):
    if rpmdb.cookie(root) != cookie:
        raise Failure("stale", "the rpm database of %s has changed since it was read" % root)


def expect_unlocked(root):
    """Refuse to go on while another program is at work on the rpmdb."""
    if rpmdb.is_locked(root):
        raise Failure("host", "the rpm database of %s is locked by another program; nothing was done" % root)
