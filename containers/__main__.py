"""Build the missing images of distributions; then run a command, if there is one, while a daemon answers.

The command finds the daemon's address in DOCKER_HOST, and runs without one where there cannot be any: its tests skip.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from containers.daemon import NoDaemonError, connected, daemon
from containers.image import CannotBuildError, NoContainerfileError, build_missing, images
from containers.owner import sweep


def main(command: Sequence[str]) -> int:
    """Do it, and return the exit code: that of the command."""
    # What stops a service or a job stops the daemon as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with daemon() as address:
            with connected(address) as client:
                sweep(client)
                build_missing(client, images(), say)
            try:
                return run(command, {"DOCKER_HOST": address})
            finally:
                with connected(address) as client:
                    sweep(client)
    except (NoDaemonError, CannotBuildError) as error:
        say(str(error))
        return run(command, {}) if command else 1
    except NoContainerfileError as error:
        say(str(error))
        return 2
    except subprocess.CalledProcessError as error:
        say("\n".join((str(error), *error.__notes__)))
        return 1


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a command to its end, whatever interrupts it, and return its exit code."""
    if not command:
        return 0
    with subprocess.Popen(command, env={**os.environ, **env}) as process:
        try:
            while True:
                try:
                    code = process.wait()
                    # As a shell says that a signal ended it.
                    return code if code >= 0 else 128 - code
                except KeyboardInterrupt:
                    # The terminal has told the command as well, which ends in its own way.
                    continue
        finally:
            if process.poll() is None:
                process.terminate()


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"containers: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
