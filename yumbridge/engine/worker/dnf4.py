"""The engine on dnf 4."""

import dnf

import handler
from dnf4_session import Session
from dnf4_transaction import Run


class Handler(handler.Handler):
    """Answers requests with the bindings of dnf 4."""

    name = "dnf4"
    version = dnf.VERSION
    Session = Session
    Run = Run
