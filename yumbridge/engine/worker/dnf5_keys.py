"""The public keys of repositories, as dnf 5 fetches and imports them."""

import os
import shutil
import tempfile

import libdnf5.repo
import libdnf5.rpm

from dnf5_package import ERRORS
from keys import UnreadableKeyError, is_trusted, untrusted
from wire import Failure

_ERRORS = ERRORS + (OSError, ValueError)


class MetadataKeys(libdnf5.repo.RepoCallbacks):
    """Which keys may verify the metadata of one repository: libdnf5 asks for each."""

    def __init__(self, repo):
        super(MetadataKeys, self).__init__()
        self._refused = []

    def forget(self, repo):
        """Trust nothing that was trusted before: libdnf5 keeps it for ever, whatever `gpgkey` says later."""
        shutil.rmtree(os.path.join(repo.get_cachedir(), "pubring"), ignore_errors=True)

    def repokey_import(self, key_info):
        """Tell whether a key is trusted."""
        url = key_info.get_url()
        if not is_trusted(url):
            self._refused.append(untrusted(url))
        return is_trusted(url)

    def repokey_imported(self, key_info):
        """Nothing."""

    def why_refused(self):
        """Return one line on the keys that were not trusted, empty when all were."""
        return "; ".join(dict.fromkeys(self._refused))


class Key:
    """A public key. `info` is libdnf5's."""

    def __init__(self, info):
        self.info = info
        self.fingerprint = info.get_fingerprint()
        self.timestamp = info.get_timestamp()
        raw = info.get_raw_key()
        self.raw_key = raw.encode("ascii", "surrogateescape") if isinstance(raw, str) else raw


class Keys:
    """The keys that the repositories of a session name."""

    def __init__(self, session):
        self._session = session

    def ids(self):
        """Return the ids of the repositories."""
        return sorted(self._session.repos())

    def urls(self, repo_id):
        """Return where the keys of a repository are."""
        return list(self._session.repos()[repo_id].get_config().gpgkey)

    def fetch(self, repo_id, url):
        """Return the keys at a URL. Raises UnreadableKeyError."""
        base = self._session.without_system
        with tempfile.TemporaryDirectory(dir=self._session.request["persistdir"]) as folder:
            path = os.path.join(folder, "key")
            try:
                downloader = libdnf5.repo.FileDownloader(base)
                downloader.add(self._session.repos()[repo_id], url, path)
                downloader.download()
                found = libdnf5.rpm.RpmSignature(base).parse_key_file("file://" + path)
                return [Key(info) for info in found]
            except _ERRORS as error:
                if os.path.exists(path) and b"BEGIN PGP PUBLIC KEY" not in _read(path):
                    return []
                raise UnreadableKeyError(" ".join(str(error).split()))

    def put(self, root, key):
        """Import a key into the rpmdb of a root."""
        try:
            done = libdnf5.rpm.RpmSignature(self._session.base).import_key(key.info)
        except _ERRORS as error:
            raise Failure("transaction", "rpm refuses the key %s: %s" % (key.fingerprint, error))
        if done is False:
            raise Failure("transaction", "rpm refuses the key %s" % key.fingerprint)


def _read(path):
    with open(path, "rb") as handle:
        return handle.read()
