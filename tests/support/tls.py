"""A throw-away certificate authority, and servers and clients that it vouches for."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import tool

_EXTENSIONS = "basicConstraints=critical,CA:FALSE\nsubjectAltName=IP:127.0.0.1\n"


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of its own, below one folder: what it signed is good for 127.0.0.1."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """What a client has to trust, as a profile's `cacert` names it."""
        return self.folder / "ca.pem"

    @property
    def client(self) -> dict[str, str]:
        """A client's certificate and key, as fields of a profile's protocol."""
        return {"clientcert": str(self.folder / "client.pem"), "clientkey": str(self.folder / "client.key")}

    def context(self, *, clients_only: bool = False) -> ssl.SSLContext:
        """Return what a server on 127.0.0.1 needs; `clients_only` turns away whoever has no certificate of ours."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        if clients_only:
            context.load_verify_locations(self.certificate)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@contextmanager
def authority() -> Iterator[Authority]:
    """Yield a new authority, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ca-") as name:
        folder = Path(name)
        # A test may read a repository as another user.
        folder.chmod(0o755)
        (folder / "extensions").write_text(_EXTENSIONS, encoding="ascii")
        _request(folder, "ca", "-x509", "-days", "2", "-out", str(folder / "ca.pem"))
        for holder in ("server", "client"):
            _sign(folder, holder)
        yield Authority(folder)


def _sign(folder: Path, holder: str) -> None:
    _request(folder, holder, "-out", str(folder / f"{holder}.csr"))
    signer = ("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial")
    signed = ("-days", "2", "-extfile", folder / "extensions", "-out", folder / f"{holder}.pem")
    tool.run("openssl", "x509", "-req", "-in", folder / f"{holder}.csr", *signer, *signed)


def _request(folder: Path, holder: str, *options: str) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder / f"{holder}.key")
    tool.run("openssl", "req", "-new", *key, "-subj", f"/CN=Example {holder}", *options)
