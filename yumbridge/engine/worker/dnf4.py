"""The engine on dnf 4."""

import dnf

import engine
from dnf4_session import Session
from dnf4_transaction import Run


class Handler(engine.Handler):
    """Answers requests with the bindings of dnf 4."""

    name = "dnf4"
    version = dnf.VERSION
    Session = Session
    Run = Run
