"""What rpm prints while a transaction runs."""

import contextlib
import ctypes
import os
import tempfile


@contextlib.contextmanager
def heard(hear):
    """Let `hear` hear what Lua scriptlets print: rpm sends that to descriptor 1, and only programs' to its log."""
    buffers = ctypes.CDLL(None)
    buffers.fflush(None)
    kept = os.dup(1)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)
        try:
            yield
        finally:
            buffers.fflush(None)
            os.dup2(kept, 1)
            os.close(kept)
            printed.seek(0)
            hear(printed.read())
