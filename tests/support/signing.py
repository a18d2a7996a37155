"""Throw-away keys, and what is signed with them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import tool


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret key without a passphrase, in a GnuPG home of its own."""

    home: Path
    fingerprint: str

    @property
    def public_key(self) -> Path:
        """The armoured public key, a file that any user can read."""
        return self.home / "public" / "RPM-GPG-KEY-example"

    @property
    def url(self) -> str:
        """The public key as a profile's `gpgkey` names it."""
        return self.public_key.as_uri()

    def sign(self, rpms: Iterable[Path]) -> None:
        """Replace rpm files by signed ones."""
        # Debian's rpm does not say where gpg is.
        gpg = shutil.which("gpg") or "gpg"
        macros = {"__gpg": gpg, "_gpg_name": self.fingerprint, "_gpg_path": str(self.home)}
        defines = [word for name, body in macros.items() for word in ("--define", f"{name} {body}")]
        tool.run("rpmsign", "--addsign", *defines, *rpms, env=_environment(self.home))

    def sign_detached(self, path: Path) -> Path:
        """Write an armoured signature beside a file, as `repomd.xml.asc` is, and return its path."""
        signature = path.with_name(f"{path.name}.asc")
        _gpg(self.home, "--detach-sign", "--armor", "--yes", "--output", str(signature), str(path))
        return signature


@contextmanager
def signing_key(name: str = "Example packages") -> Iterator[SigningKey]:
    """Yield a new key, which is gone afterwards.

    RSA, because rpm 4.14 does not know Ed25519.
    """
    # Short and not below a test's directory: gpg-agent's socket has at most 108 characters.
    home = Path(tempfile.mkdtemp(prefix="gpg-"))
    # The public half must be readable by others; the secret one lies in a folder gpg makes private.
    home.chmod(0o755)
    try:
        identity = f"{name} <packages@example.org>"
        _gpg(home, "--passphrase", "", "--quick-generate-key", identity, "rsa2048", "sign", "never")
        listing = _gpg(home, "--with-colons", "--list-keys")
        fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))
        key = SigningKey(home, fingerprint)
        key.public_key.parent.mkdir()
        key.public_key.write_text(_gpg(home, "--armor", "--export", fingerprint), encoding="ascii")
        yield key
    finally:
        tool.attempt("gpgconf", "--kill", "gpg-agent", env=_environment(home))
        shutil.rmtree(home, ignore_errors=True)


def _gpg(home: Path, *args: str) -> str:
    options = ("--batch", "--no-tty", "--quiet", "--no-permission-warning")
    return tool.run("gpg", *options, *args, env=_environment(home))


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "GNUPGHOME": str(home)}
