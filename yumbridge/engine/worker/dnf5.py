"""The engine on dnf 5."""

import os
import re

import libdnf5.base

import engine
from dnf5_session import Session
from dnf5_transaction import Run

_INSTALLED_AS = re.compile(r"libdnf5-([0-9.]+)\.(?:dist|egg)-info")


def _version():
    """Return the version of the bindings: they tell it nowhere but in the name of a folder beside them."""
    beside = os.path.dirname(os.path.dirname(os.path.abspath(libdnf5.__file__)))
    found = [match.group(1) for match in map(_INSTALLED_AS.match, sorted(os.listdir(beside))) if match]
    return found[-1] if found else "5"


class Handler(engine.Handler):
    """Answers requests with the bindings of dnf 5."""

    name = "dnf5"
    version = _version()
    Session = Session
    Run = Run

    def _need_offered(self):
        """Return the session with nothing but what the repositories offer, and all of that."""
        session = self._need_session()
        session.leave_system()
        return session

    def _need_host(self):
        """Return the session with what the host has installed."""
        session = self._need_session()
        session.load_system()
        return session
