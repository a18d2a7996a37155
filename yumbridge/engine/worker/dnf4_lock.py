"""The mark that a dnf at work leaves in its folder, and what a dead one left there."""

import os

# Source: dnf, lock.py, build_rpmdb_lock().
_MARK = "rpmdb_lock.pid"
_PACKAGE_MANAGERS = (b"dnf", b"yum", b"packagekit")


def clear_stale(persistdir):
    """Remove the mark of a dnf that was killed.

    dnf takes a mark for good while any process has that number: a zombie, or after a boot something else altogether.
    """
    path = os.path.join(persistdir, _MARK)
    try:
        with open(path, "rb") as handle:
            pid = int(handle.read(20))
    except (OSError, ValueError):
        return
    if not _is_package_manager(pid):
        os.unlink(path)


def _is_package_manager(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as handle:
            words = handle.read().lower()
    except OSError:
        return False
    return any(name in words for name in _PACKAGE_MANAGERS)
