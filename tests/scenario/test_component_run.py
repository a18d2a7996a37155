"""What the component does for ncm-ncd: the real module in a real perl, the real command, real rpms."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.command import started
from tests.support.gate import WAITING, Gate
from tests.support.ncd import Ncd, Reported, command_on, messages
from tests.support.plans import moves, planned
from tests.support.profiles import Json, repository_entry
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.signing import SigningKey
from tests.support.tool import Outcome
from tests.support.trees import READERS_TRACES, Tree
from tests.support.waiting import LIB_HELD, Waiting
from tests.support.world import World

OURS: Mapping[str, Json] = {"ncm-module": "yumbridge"}
CACHES = (*READERS_TRACES, "/.", "/var", "/var/cache", "/var/cache/*")
STATE = Path("var/lib/yumbridge")


def components(**trees: Json) -> dict[str, Json]:
    """Return the part of a profile with these components."""
    return {"software": {"components": trees}}


def configured(world: World, profile: Path, root: InstallRoot, **how: str | bool) -> Reported:
    """Return what the component reports on a root."""
    return Ncd(command=(command_on(world, root.path),), **how).configure(profile)  # type: ignore[arg-type]


def asked(world: World, root: InstallRoot, request: Json | str, *options: str) -> Outcome:
    """Return how the command ends on a request."""
    text = request if isinstance(request, str) else json.dumps(request)
    return world.run("component", "run", "--root", root.path, *options, stdin=text)


def errors(outcome: Outcome) -> list[str]:
    """Return the errors that the command told, of which it has to end otherwise than with 0."""
    assert outcome.stderr == ""
    told = messages(outcome.stdout)
    assert told[-1]["kind"] == "end"
    assert told[-1]["exit"] == outcome.code
    found = [message["msg"] for message in told if message["level"] == "error"]
    assert bool(found) is bool(outcome.code)
    return found


def test_a_site_adopts_it_by_one_line_of_its_profile(world: World) -> None:
    """With `ncm-module` of the component spma ncm-ncd runs ours: the host is as the profile wants it."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"))
    root = world.root(Rpm("old"))
    profile = world.profile(["app"], [base], spma=OURS)

    found = configured(world, profile, root)

    assert (found.errors, found.warnings) == (0, 0), found
    assert root.installed() == {"app-1-1.noarch", "lib-1-1.noarch"}
    assert found.at("info")[:3] == [
        "install app.noarch 1-1 (in the profile)",
        "install lib.noarch 1-1 (needed by app)",
        "remove old.noarch 1-1 (not in the profile)",
    ]
    assert found.at("info")[-1] == "Done: the host is as planned."
    assert configured(world, profile, root).at("info") == [
        "Nothing to do: the host is as the profile wants it.",
    ]


def test_noaction_tells_the_whole_plan_and_changes_nothing(world: World) -> None:
    """With noaction each change of the plan is an info line, with what waits and stays, and nothing is written."""
    host = Waiting(world)
    world.install(host.root, Rpm("kept"))
    profile = world.profile(
        ["app", "lib", "tool"],
        [host.base],
        spma={**OURS, "whitelist": ["kept"]},
        extra=components(yumbridge={"holds": [LIB_HELD]}),
    )
    before = Tree.of(host.root.path, ignoring=CACHES)

    found = configured(world, profile, host.root, noaction=True)

    assert (found.errors, found.warnings) == (0, 0)
    info = found.at("info")
    plan = planned(world, profile, host.root)
    assert [line.partition(" (")[0] for line in info if line.startswith(("install", "upgrade", "remove"))] == moves(
        plan
    )
    assert [line for line in info if line.startswith("at boot: upgrade lib.noarch 1-1 -> 2-1")]
    assert [line for line in info if line.startswith("keep kept-1-1.noarch (whitelist: ")]
    assert len([line for line in info if line.startswith("write /etc/")]) == len(plan["configuration"])
    assert [line for line in info if line.startswith("Waiting: 2 packages at boot")]
    assert before.changes(Tree.of(host.root.path, ignoring=CACHES)) == ()
    assert not (host.root.path / STATE).exists()


@pytest.mark.parametrize("says", ["CAF::Object", "NCM::Component", "LC::Check"])
def test_noaction_is_believed_whoever_says_it(world: World, says: str) -> None:
    """Versions of ncm-ncd differ in where they say that there is to be no action: nothing is changed."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    found = configured(world, world.profile(["app"], [base], spma=OURS), root, noaction=True, says=says)

    assert "install app.noarch 1-1 (in the profile)" in found.at("info")
    assert not root.installed()


@pytest.mark.parametrize("path", ["packages", "repositories", "groups", "components/yumbridge"])
def test_a_part_of_the_profile_that_cannot_be_read_stops_the_run(world: World, path: str) -> None:
    """What is in the profile and cannot be read is not taken for missing: a thinner profile would remove packages."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("old"))
    unreadable: Json = "unreadable"
    for key in reversed(path.split("/")):
        unreadable = {key: unreadable}
    profile = world.profile(["app"], [base], spma=OURS, extra={"software": unreadable})

    found = configured(world, profile, root)

    assert found.at("error") == [f"yumbridge cannot be run: cannot read /software/{path} of the profile"]
    assert root.installed() == {"old-1-1.noarch"}


def test_the_plan_is_that_of_the_command(world: World) -> None:
    """What went through Perl, where booleans are numbers and numbers strings, means what the profile meant."""
    base = world.repository(
        "base", Rpm("app", recommends=("extra",)), Rpm("extra"), Rpm("lib", "1-1"), Rpm("lib", "2-1")
    )
    root = world.root()
    bridge: dict[str, Json] = {
        "policy": {"weak_deps": False, "installonly_limit": 5, "removal_limit": 7, "protected": ["p*"]},
        "aliases": {"base": {"all_of": ["lib"], "when": {"os_major": [9]}}, "source": {"any_of": ["app"]}},
        "holds": [
            {
                "packages": ["glibc"],
                "source": False,
                "install": True,
                "until": {
                    "all_of": [
                        {"boot": True},
                        {"max_load": 1.5, "logged_in": False, "between": "02:00-04:00", "splay": 10},
                    ]
                },
            }
        ],
    }
    root.write("etc/os-release", 'ID="almalinux"\nID_LIKE="rhel"\nVERSION_ID="9.4"\n')
    profile = world.profile(
        ["app", "@base"], [base], spma={**OURS, "modules": True, "main_options": {"retries": 3}},
        extra=components(yumbridge={"active": False, "dispatch": False, **bridge}),
    )  # fmt: skip

    found = configured(world, profile, root, noaction=True)

    assert (found.errors, found.warnings) == (0, 0), found
    plan = planned(world, profile, root)
    assert [line.partition(" (")[0] for line in found.at("info") if line.startswith("install")] == moves(plan)
    assert moves(plan) == ["install app.noarch 1-1", "install lib.noarch 2-1"]


@pytest.mark.parametrize("name", ["packager", "yumbridge"])
def test_the_options_of_spma_count_under_other_names(world: World, name: str) -> None:
    """Called `packager` or `yumbridge` the component has the options that stand with spma."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("mine"))
    named: dict[str, Json] = {name: {"active": True, **OURS}}
    profile = world.profile(["app"], [base], spma={"active": False, "userpkgs": "yes"}, extra=components(**named))

    assert configured(world, profile, root, name=name).errors == 0
    assert root.installed() == {"app-1-1.noarch", "mine-1-1.noarch"}


def test_a_staged_install_has_the_filter_of_its_own_component(world: World) -> None:
    """The first run of a staged install, spmalight, changes what its filter lets it, and spma the rest."""
    base = world.repository("base", Rpm("ncm-spma"), Rpm("app"))
    root = world.root()
    light: Json = {"active": True, "filter": "^ncm-", "userpkgs": "no", "run": "yes", **OURS}
    profile = world.profile(["ncm-spma", "app"], [base], spma=OURS, extra=components(spmalight=light))

    assert configured(world, profile, root, name="spmalight").errors == 0
    assert root.installed() == {"ncm-spma-1-1.noarch"}
    assert configured(world, profile, root).errors == 0
    assert root.installed() == {"ncm-spma-1-1.noarch", "app-1-1.noarch"}


def test_what_waits_for_the_boot_is_no_error(world: World) -> None:
    """What waits is staged and told in info lines, in every run: other components go on."""
    host = Waiting(world)
    profile = world.profile(
        ["app", "lib", "tool"], [host.base], spma=OURS, extra=components(yumbridge={"holds": [LIB_HELD]})
    )

    first = configured(world, profile, host.root)
    second = configured(world, profile, host.root)

    assert (first.errors, first.warnings, second.errors, second.warnings) == (0, 0, 0, 0)
    assert host.root.installed() == {"app-1-1.noarch", "lib-1-1.noarch", "tool-2-1.noarch"}
    for found in (first, second):
        assert "Waiting: 2 packages at boot" in found.at("info")
        assert any("2 changes staged for the boot" in line for line in found.at("info"))
    assert len(host.staging) == 1


def test_what_cannot_be_staged_is_a_warning(world: World) -> None:
    """An rpm that waits and cannot be had is a warning, not an error: what could go now is done."""
    host = Waiting(world)
    profile = world.profile(
        ["app", "lib", "tool"], [host.base], spma=OURS, extra=components(yumbridge={"holds": [LIB_HELD]})
    )
    (package,) = (world.repositories / "base").rglob("lib-2-1*.rpm")
    package.unlink()

    found = configured(world, profile, host.root)

    assert (found.errors, found.at("error")) == (0, [])
    assert found.at("warn")[0].startswith("not staged for the boot: ")
    assert host.root.installed() == {"app-1-1.noarch", "lib-1-1.noarch", "tool-2-1.noarch"}


def test_run_no_is_told_and_nothing_is_changed(world: World) -> None:
    """A profile with `run = no` is planned and told; that nothing is changed is no error."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    profile = world.profile(["app"], [base], spma={**OURS, "run": "no"})

    found = configured(world, profile, root)
    preview = configured(world, profile, root, noaction=True)

    assert (found.errors, found.warnings) == (0, 0)
    assert not root.installed()
    assert "install app.noarch 1-1 (in the profile)" in found.at("info")
    assert found.at("info")[-1] == "the profile says run = no: nothing is changed"
    assert preview.at("info")[-1] == "the profile says run = no: a run would change nothing"
    assert not (root.path / "var/log/yumbridge.log").exists()


@pytest.mark.parametrize("noaction", [False, True])
def test_every_problem_is_an_error_of_its_own(world: World, *, noaction: bool) -> None:
    """What is asked for and impossible is told with its place, each in a line, and nothing is changed."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("old"))
    profile = world.profile(["app", "absent", "missing"], [base], spma=OURS)

    found = configured(world, profile, root, noaction=noaction)

    assert found.errors == 2
    for name, text in zip(("absent", "missing"), found.at("error"), strict=True):
        assert text.startswith("not-found: ")
        assert text.endswith(f"(/software/packages/{name})")
    assert root.installed() == {"old-1-1.noarch"}


def test_an_invalid_profile_is_told_whole(world: World) -> None:
    """Every problem of the profile is an error line, the report says that the run failed, and the lock is free."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    bad = world.profile(
        ["app"], [base], spma={**OURS, "userpkgs": "perhaps"},
        extra={"software": {"modules": {"nodejs": {"stream": ["a"]}}}}, name="bad.json",
    )  # fmt: skip
    good = world.profile(["app"], [base], spma=OURS)
    assert configured(world, good, root).errors == 0

    found = configured(world, bad, root)
    report = json.loads((root.path / STATE / "report.json").read_text(encoding="utf-8"))

    assert found.at("error")[0] == "profile has 2 problems"
    assert [text.partition(":")[0] for text in found.at("error")[1:]] == [
        "/software/components/spma/userpkgs",
        "/software/modules/nodejs/stream",
    ]
    assert (report["outcome"], report["kind"], report["plan"]) == ("failed", "profile", "unknown")
    assert report["errors"] == found.at("error")
    assert (root.path / STATE / "lock").read_bytes() == b""
    assert configured(world, good, root).errors == 0


def test_too_many_removals_are_refused(world: World) -> None:
    """A thin profile on a full host is the accident of the first week: nothing is removed."""
    base = world.repository("base", Rpm("app"))
    root = world.root(*(Rpm(f"old{number}") for number in range(30)))
    profile = world.profile(["app"], [base], spma=OURS)

    found = configured(world, profile, root)

    assert found.at("error")[0] == "the plan removes 30 packages; unasked, at most 20 may go"
    assert len(root.installed()) == 30


def test_a_failed_transaction_is_an_error(world: World) -> None:
    """What is not as planned afterwards is told, with what scriptlets printed for those who ask."""
    base = world.repository("base", Rpm("bad", scriptlets={"pre": 'print("out of luck") error("no")'}))
    root = world.root()

    found = configured(world, world.profile(["bad"], [base], spma=OURS), root)

    assert found.at("error")[0] == "Failed: the host is not as planned, or a scriptlet failed"
    assert "missing: bad-1-1.noarch" in found.at("error")
    assert any("out of luck" in line for line in found.at("verbose"))


def test_a_missing_optional_repository_is_a_warning(world: World) -> None:
    """A repository that may be missing holds nobody up."""
    base = world.repository("base", Rpm("app"))
    gone: Json = {
        "name": "gone", "enabled": True, "gpgcheck": False, "skip_if_unavailable": True,
        "protocols": [{"name": "file", "url": f"file://{world.path}/nowhere"}],
    }  # fmt: skip
    assert isinstance(gone, dict)
    root = world.root(Rpm("old"))
    profile = world.profile(["app"], [base, gone], spma=OURS)

    found = configured(world, profile, root)

    assert found.errors == 0
    assert root.installed() == {"app-1-1.noarch", "old-1-1.noarch"}
    assert found.warnings >= 1


def test_the_warnings_of_a_profile_are_counted(world: World) -> None:
    """What somebody should look at in the profile is a warning of ncm-ncd."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base], spma={**OURS, "shape": "round"})

    found = configured(world, profile, world.root())

    assert (found.errors, found.warnings) == (0, 1)
    assert found.at("warn")[0].startswith("/software/components/spma/shape: ")


def request_of(world: World, **changes: Json) -> dict[str, Json]:
    """Return a request for a small host."""
    base = world.repository("base", Rpm("app"))
    profile = json.loads(world.profile(["app"], [base]).read_text(encoding="utf-8"))
    software = {key: tree for key, tree in profile["software"].items() if key != "components"}
    return {"name": "spma", "noaction": 0, "component": OURS, "software": software, **changes}


def test_the_locked_root_is_left_alone(world: World) -> None:
    """While another run is at work the component waits as long as it may, then says who that is."""
    base = world.repository("base", Rpm("app", scriptlets=WAITING))
    root = world.root()
    profile = world.profile(["app"], [base], spma=OURS)
    gate = Gate(root)

    with started("apply", profile, "--root", root.path) as first:
        gate.wait()
        outcome = asked(world, root, request_of(world), "--wait", "0.2")
        gate.remove()
        first.communicate()

    (text,) = errors(outcome)
    assert outcome.code == 14
    assert text.startswith("another run holds the lock of this root: yumbridge apply (pid ")
    assert json.loads((root.path / STATE / "report.json").read_text(encoding="utf-8"))["outcome"] == "as-planned"


@pytest.mark.parametrize(
    ("request_text", "error"),
    [
        ('{"name": "spma", "noact', "request on standard input is not valid JSON: line 1, column 18: "),
        ("", "request on standard input is empty"),
        ("[]", "request on standard input is no dict but a list"),
        ('{"name": "\ud800"}', "request on standard input is not "),
    ],
)
def test_a_request_that_is_cut_in_half_is_refused(world: World, request_text: str, error: str) -> None:
    """What is no whole document is told in one line, with exit code 10, and nothing is done."""
    root = world.root()

    outcome = asked(world, root, request_text.encode("utf-8", "backslashreplace").decode())

    (text,) = errors(outcome)
    assert outcome.code == 10
    assert text.startswith(error)
    assert not (root.path / STATE).exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "accounts", "component": {"active": True}}, "component accounts is run by the module 'accounts'"),
        ({"name": "spma", "component": {"ncm-module": "spma"}}, "component spma is run by the module 'spma'"),
        ({"component": None}, "name: the profile has no component spma"),
        ({"name": "../spma"}, "name: want the name of a component"),
        ({"noaction": "perhaps"}, "noaction: want a boolean"),
        ({"software": []}, "software: want a dict"),
        ({"software": {"disks": {}}}, "software/disks: unknown key"),
        ({"extra": 1}, "extra: unknown key"),
        ({"version": "2.0"}, "version: want 1.0"),
        ({"document": "yumbridge-plan"}, "document: want 'yumbridge-component-request'"),
    ],
)
def test_a_request_that_is_not_for_us_is_refused(world: World, changes: dict[str, Json], problem: str) -> None:
    """An unknown component, a key or a version that nobody knows: each is told, with exit code 10."""
    root = world.root()

    outcome = asked(world, root, request_of(world, **changes))

    assert outcome.code == 10
    assert any(problem in text for text in errors(outcome)), outcome
    assert not (root.path / STATE).exists()


def test_a_profile_of_more_than_50_mb_is_refused(world: World) -> None:
    """A request that is larger than any profile is refused before it is read whole, and nothing is locked."""
    root = world.root()

    outcome = asked(world, root, '{"name": "' + "x" * 50_000_000 + '"}')

    assert outcome.code == 10
    assert errors(outcome) == ["profile on standard input is larger than 50 MB"]
    assert not (root.path / STATE).exists()


def test_a_missing_root_is_named(world: World) -> None:
    """A root that is not there is a usage error, told as a message like every other."""
    root = world.root()
    shutil.rmtree(root.path)

    outcome = asked(world, root, request_of(world))

    (text,) = errors(outcome)
    assert outcome.code == 2
    assert str(root.path) in text
    assert "does not exist" in text


def test_the_run_goes_on_when_nobody_listens(world: World) -> None:
    """A reader that goes away before the first message stops nothing."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    world.profile(["app"], [base], spma=OURS)

    with started("component", "run", "--root", root.path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(json.dumps(request_of(world)))
        process.stdin.close()
        code = process.wait(60)

    assert code == 0
    assert root.installed() == {"app-1-1.noarch"}


def test_no_password_is_told(world: World) -> None:
    """Passwords of repositories are in no message, in no report and in no log."""
    root = world.root()
    entry: Json = {
        "name": "secret", "enabled": True, "gpgcheck": False,
        "protocols": [{"name": "http", "url": "http://user:hunter2@127.0.0.1:9/base"}],
    }  # fmt: skip
    assert isinstance(entry, dict)
    profile = world.profile(["app"], [entry], spma=OURS)

    found = configured(world, profile, root)

    assert found.errors >= 1
    written = [path for path in (root.path / "var").rglob("*") if path.is_file() and "cache" not in path.parts]
    texts = [str(found.lines), *(path.read_text(encoding="utf-8") for path in written)]
    assert root.path / "var/log/yumbridge.log" in written
    assert [text for text in texts if "hunter2" in text] == []


def test_keys_that_are_imported_are_told(world: World, signing_key: SigningKey) -> None:
    """A signature is checked where the profile says so, and the key that is imported for it is an info line."""
    base = world.repository("base", Rpm("app"), key=signing_key)
    entry = repository_entry(base, gpgcheck=True, gpgkey=[signing_key.url])
    root = world.root()

    found = configured(world, world.profile(["app"], [entry], spma=OURS), root)

    assert found.errors == 0
    (line,) = (line for line in found.at("info") if line.startswith("import the key "))
    assert signing_key.fingerprint.lower() in line.lower()
