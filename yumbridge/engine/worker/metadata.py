"""The files of a repository's metadata, however they are compressed."""

import rpm

_FLAGS = {".gz": "gzdio", ".xz": "xzdio", ".bz2": "bzdio", ".zst": "zstdio"}


def content(path):
    """Return what a file holds, in bytes. Raises OSError."""
    for suffix, flags in _FLAGS.items():
        if path.endswith(suffix):
            # rpm reads what Python's own library learnt only of late.
            handle = rpm.fd(path, "r", flags)
            try:
                return handle.read()
            finally:
                handle.close()
    with open(path, "rb") as plain:
        return plain.read()
