"""The database in which dnf keeps its history, and what is left of it when its making was interrupted."""

import os
import sqlite3

from wire import Failure

_NAME = "history.sqlite"
# What SQLite keeps beside a database. Source: sqlite.org, "Temporary Files Used By SQLite".
_BESIDE = ("", "-journal", "-wal", "-shm")


def remove_half_made(persistdir, is_cache):
    """Remove a history that was never made to its end: dnf neither finishes nor replaces one that is there.

    One with a transaction in it is never touched, and one that is damaged is refused; in a cache it is removed. The
    caller holds the lock of the root. Source: libdnf, Swdb: tables are made for a file that does not exist, each in a
    step of its own, and the version is written last.
    """
    path = os.path.join(persistdir, _NAME)
    if not os.path.exists(path):
        return
    try:
        is_useless = _is_half_made(path)
    except sqlite3.OperationalError:
        # It is busy, or cannot be read now: dnf tells what is wrong.
        return
    except sqlite3.DatabaseError as error:
        if not is_cache:
            raise Failure("host", "the history of dnf %s is damaged: %s" % (path, error))
        is_useless = True
    if is_useless:
        for suffix in _BESIDE:
            if os.path.exists(path + suffix):
                os.unlink(path + suffix)


def _is_half_made(path):
    connection = sqlite3.connect(path)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "config" in tables and connection.execute("SELECT 1 FROM config WHERE key = 'version'").fetchone():
            return False
        return "trans" not in tables or connection.execute("SELECT 1 FROM trans").fetchone() is None
    finally:
        connection.close()
