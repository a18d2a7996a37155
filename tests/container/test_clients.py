"""A client of each distribution has the command from the rpm, and follows what a store publishes, in its own root."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from docker.models.networks import Network

from tests.support.cache import Cache
from tests.support.clients import DISTRIBUTIONS, PROFILE, Client, client
from tests.support.containers import Containers, Place
from tests.support.profiles import profile
from tests.support.readers import HOST, Store

# What an administrator sees of the host.
VISIBLE = ("/etc", "/opt", "/usr", "/var/lib")
OF_THE_BRIDGE = (
    "/etc/yumbridge",
    "/usr/bin/yumbridge",
    "/usr/lib/yumbridge",
    "/usr/share/yumbridge",
    "/var/cache/yumbridge",
    "/var/lib/yumbridge",
)


@pytest.fixture(scope="module", params=DISTRIBUTIONS)
def host(
    request: pytest.FixtureRequest, containers: Containers, network: Network, rpm_cache: Cache
) -> Iterator[Client]:
    """Yield a client of each distribution, on which the bridge is installed and stays so."""
    with client(containers, request.param, Place(network=network), rpm_cache) as found:
        found.install_bridge()
        yield found


def want(host: Client, ref: str, *packages: str) -> None:
    """Give a host its profile: packages of a ref; what is not listed goes, unless it is the system."""
    options = {"userpkgs": "yes"} if host.has_packages else {}
    content = profile(list(packages), [("base", f"http://{HOST}/refs/{ref}/base")], spma=options)
    host.container.write(PROFILE, json.dumps(content))


def installed(host: Client) -> set[str]:
    return host.installed("tool", "library", "app")


def test_a_client_follows_a_ref(host: Client, store: Store, request: pytest.FixtureRequest) -> None:
    ref = f"client-{request.node.callspec.params['host']}"
    store.command("publish", ref, "first")
    want(host, ref, "tool")

    before = host.files(*VISIBLE)
    assert "tool" in host.run("plan", PROFILE)
    assert host.container.attempt("yumbridge", "plan", PROFILE, "--check").code == 100
    # What may be there more are caches, of Python and of dnf.
    assert {path for path in host.files(*VISIBLE) - before if "__pycache__" not in path} == set()
    assert installed(host) == set()

    report = json.loads(host.run("apply", PROFILE, "-y", "--json"))
    assert report["outcome"] == "as-planned"
    assert installed(host) == {"tool 1", "library 1"}
    assert host.container.run("cat", "/opt/tool/old") == "1"
    assert host.container.attempt("yumbridge", "plan", PROFILE, "--check").code == 0
    assert json.loads(host.run("apply", PROFILE, "-y", "--json"))["outcome"] == "nothing-to-do"

    store.command("publish", ref, "second")
    host.run("apply", PROFILE, "-y")
    assert installed(host) == {"tool 2", "library 1"}
    assert host.container.attempt("rpm", "--verify", "tool", "library").code == 0
    want(host, ref, "library")
    host.run("apply", PROFILE, "-y")
    # The bridge is not in the profile, and neither goes nor loses what it needs.
    assert installed(host) == ({"tool 2", "library 1"} if host.has_packages else {"library 1"})
    assert host.container.run("rpm", "--query", "--queryformat", "%{name} ", "yumbridge", "platform")


def test_the_rpm_puts_everything_in_its_place(host: Client) -> None:
    told = host.run("--version")
    assert f"on Python {host.python}." in told.splitlines()[0]
    assert "engine: dnf" in told
    assert host.container.attempt("rpm", "--verify", "yumbridge").stdout == ""
    # Nothing has imported that yet.
    compiled = f"/usr/lib/yumbridge/snapshots/__pycache__/adopt.cpython-{host.python.replace('.', '')}.pyc"
    assert compiled in host.files("/usr/lib/yumbridge/snapshots")
    assert host.container.run("rpm", "--query", "--file", "--queryformat", "%{name}", compiled) == "yumbridge"

    units = ("/usr/lib/systemd/system/yumbridge-boot.service", "/usr/lib/systemd/system/yumbridge-offline.service")
    of_quattor = ("/usr/lib/perl/NCM/Component/yumbridge.pm", "/etc/logrotate.d/yumbridge")
    for path in (*units, "/usr/lib/tmpfiles.d/yumbridge.conf", *of_quattor):
        assert host.container.run("rpm", "--query", "--file", "--queryformat", "%{name}", path) == "yumbridge"
    assert "/usr/share/man/man1/yumbridge-plan.1.gz" in host.files("/usr/share/man/man1")
    assert "/usr/share/yumbridge/pan/components/packager/config.pan" in host.files("/usr/share/yumbridge")


def test_bash_completes_verbs_and_options(host: Client) -> None:
    complete = (
        "source /usr/share/bash-completion/completions/yumbridge; "
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _yumbridge_completion yumbridge; printf "%s\\n" "${COMPREPLY[@]}"'
    )

    def completed(*words: str) -> list[str]:
        return host.container.run("bash", "-c", complete, "bash", *words).split()

    assert completed("yumbridge", "sn") == ["snapshot"]
    assert completed("yumbridge", "snapshot", "pub") == ["publish"]
    assert "--explain" in completed("yumbridge", "plan", "--e")


def test_nothing_of_the_callers_and_the_sites_python_is_imported(host: Client) -> None:
    """Neither a variable, nor the working directory, nor what is installed for the site's Python has a say."""
    python = f"python{host.python}"
    site = host.container.run(python, "-c", "import site; print(site.getsitepackages()[0])").strip()
    traps = ("/trap/signal.py", "/trap/click.py", f"{site}/trap.pth")
    for trap in traps:
        host.container.write(trap, "import sys; sys.exit('trapped')")
    try:
        assert host.container.attempt(python, "-c", "").stderr, "else it tests nothing"
        outcome = host.container.attempt("sh", "-c", "cd /trap && PYTHONPATH=/trap yumbridge plan --help")
    finally:
        host.container.run("rm", *traps)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith("Usage: yumbridge plan")


def test_it_is_installed_into_an_empty_root_and_erased_there(host: Client) -> None:
    """No scriptlet needs a shell."""
    host.install_bridge("/image")
    assert "/image/usr/lib/yumbridge/spma/__init__.py" in host.files("/image/usr/lib/yumbridge")

    host.container.run("rpm", "--root", "/image", "--erase", "yumbridge")

    assert host.files("/image/usr/lib/yumbridge", "/image/usr/bin/yumbridge") == set()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_an_erased_bridge_leaves_nothing_behind(distribution: str, containers: Containers, rpm_cache: Cache) -> None:
    with client(containers, distribution, Place(), rpm_cache) as host:
        host.install_bridge()
        # The platform's Python compiles the worker when it runs it.
        host.run("--version")
        assert any("worker/__pycache__/" in path for path in host.files(*OF_THE_BRIDGE))

        host.container.run("rpm", "--erase", "yumbridge")

        assert host.files(*OF_THE_BRIDGE) == set()
