"""The marks that a dnf at work leaves in its folders, and what a dead one left there."""

import os

# Source: dnf, lock.py, build_metadata_lock() and build_download_lock() of the cache, build_rpmdb_lock() of persistdir.
_MARKS = ("metadata_lock.pid", "download_lock.pid", "rpmdb_lock.pid")
_PACKAGE_MANAGERS = (b"dnf", b"yum", b"packagekit")


def clear_stale(folder):
    """Remove the marks of a dnf that was killed.

    dnf takes a mark for good while any process has that number: a zombie, or after a boot something else altogether.
    The caller holds a lock of ours by which no other engine is at work there.
    """
    for name in _MARKS:
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as handle:
                pid = int(handle.read(20))
        except (OSError, ValueError):
            continue
        if not _is_package_manager(pid):
            os.unlink(path)


def _is_package_manager(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as handle:
            # No other engine of ours is at work here: what has its number now may well be the command that started us.
            words = handle.read().lower().replace(b"yumbridge", b"")
    except OSError:
        return False
    return any(name in words for name in _PACKAGE_MANAGERS)
