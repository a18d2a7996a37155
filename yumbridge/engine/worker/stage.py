"""Stage packages: everything that a later run without network needs, in one folder."""

import os
import shutil

import files
import folders
from exact import Exact
from keys import UnreadableKeyError, is_trusted, untrusted
from wire import Failure, without_timings

_REPODATA = "repodata"


class Stage(Exact):
    """One request: packages of the opened repositories, their metadata and keys, into `folder`, which is empty."""

    def __init__(self, session, request, tell):
        super(Stage, self).__init__(session, request)
        self._folder = request["folder"]
        self._tell = tell
        # Numbers, not names: what a profile calls a repository is no name of a folder.
        self._places = {
            repo_id: "repositories/%d" % number for number, repo_id in enumerate(sorted(session.keys.ids()))
        }

    def write(self):
        """Write all, and return where it is: see Staged of the other side. Paths are relative to the folder."""
        self.session.download(self.incoming, self._tell)
        files.verify(self.session, self.incoming)
        try:
            packages = [self._package(package) for package in self.incoming]
            repositories = [self._repository(repo_id) for repo_id in sorted(self._places)]
        except OSError as error:
            raise Failure("host", "cannot stage in %s: %s" % (self._folder, error.strerror))
        if not self.session.request["keepcache"]:
            folders.remove_downloads(self.session.request["cachedir"])
        return {"packages": packages, "repositories": repositories}

    def _package(self, package):
        location = _refuse_strange(package)
        path = os.path.join(self._places[package.reponame], location)
        self._copy(self.session.file_of(package), path)
        if files.damage(self.session, package, os.path.join(self._folder, path)):
            raise Failure("host", "%s was damaged while it was staged" % package)
        return [str(package), package.reponame, path, os.path.getsize(os.path.join(self._folder, path))]

    def _repository(self, repo_id):
        """Write the metadata of a repository as it was read, and its keys. Return [id, folder, paths of keys]."""
        place = self._places[repo_id]
        source = self.session.repodata(repo_id)
        for name in sorted(os.listdir(source)):
            if os.path.isfile(os.path.join(source, name)):
                self._copy(os.path.join(source, name), os.path.join(place, _REPODATA, name))
        keys = []
        for number, url in enumerate(self.session.keys.urls(repo_id) if self.session.checks(repo_id) else ()):
            path = "keys/%s-%d" % (os.path.basename(place), number)
            self._write(path, self._key(repo_id, url))
            keys.append(path)
        return [repo_id, place, keys]

    def _key(self, repo_id, url):
        if not is_trusted(url):
            raise Failure("repository", "repository %s: %s" % (repo_id, untrusted(url)))
        try:
            return b"".join(info.raw_key for info in self.session.keys.fetch(repo_id, url))
        except UnreadableKeyError as error:
            text = without_timings(str(error))
            raise Failure("repository", "repository %s: its key cannot be read: %s: %s" % (repo_id, url, text))

    def _copy(self, source, path):
        target = self._made(path)
        shutil.copyfile(source, target)
        _sync(target)

    def _write(self, path, content):
        target = self._made(path)
        with open(target, "wb") as handle:
            handle.write(content)
        _sync(target)

    def _made(self, path):
        target = os.path.join(self._folder, path)
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        return target


def _sync(path):
    """Bring a file to the disk: a power cut must not leave less of it than is recorded."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_strange(package):
    """Return where a package lies below the folder of its repository; whatever else metadata says is refused."""
    location = package.location
    parts = location.split("/")
    if package.baseurl:
        raise Failure("repository", "%s cannot be staged: its repository keeps it elsewhere" % package)
    if location.startswith("/") or ".." in parts or parts[0] == _REPODATA or "\0" in location:
        raise Failure("repository", "%s cannot be staged: its location is %r" % (package, location))
    return location
