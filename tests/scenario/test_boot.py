"""What waits for the boot: staged, kept up to date, taken back, and carried out."""

from __future__ import annotations

import shutil
import stat

import pytest

from tests.support.damage import flip_last_byte
from tests.support.holding import holding, waits
from tests.support.plans import moves, planned
from tests.support.profiles import Json
from tests.support.rpms import Rpm
from tests.support.server import UNAVAILABLE
from tests.support.signing import SigningKey
from tests.support.waiting import APP2, LIB2, NAMES, TOOL, TOOL2, Waiting
from tests.support.world import World

DONE = {APP2.nevra, LIB2.nevra, TOOL2.nevra}
WAITS = {"app-1-1.noarch", "lib-1-1.noarch", TOOL2.nevra}


def test_what_waits_is_staged_and_carried_out_at_boot(world: World) -> None:
    """An apply changes what may go and stages the rest; the boot run brings the root to the closure."""
    host = Waiting(world)

    report = host.apply()

    assert (report["outcome"], waits(report)) == ("as-planned", {"app": "closure", "lib": "hold"})
    assert host.root.installed() == WAITS
    staged = host.record()
    assert staged["state"] == "staged"
    assert [package["nevra"] for package in staged["staged"]] == [APP2.nevra, LIB2.nevra]
    assert host.run("status", "--json").json()["boot_plan"] == "staged"

    ended = host.boot()

    assert (ended["state"], ended["tries"]) == ("done", 1)
    assert host.root.installed() == DONE
    assert (host.report()["outcome"], host.report()["deferred"]) == ("as-planned", [])
    assert host.staging == []
    assert moves(planned(world, host.profile, host.root, "--config", host.config)) == []


def test_the_boot_needs_nothing_but_what_is_staged(world: World) -> None:
    """Repository, profile and configuration may be gone by the time of the boot."""
    host = Waiting(world)
    host.apply()
    shutil.rmtree(world.repositories)
    host.profile.unlink()
    shutil.rmtree(world.path / "cache-of-me", ignore_errors=True)
    host.config.write_text("", encoding="utf-8")

    assert host.boot()["state"] == "done"
    assert host.root.installed() == DONE


def test_the_plan_of_the_boot_is_that_which_was_shown(world: World) -> None:
    """The report of the boot run is of the very plan that was rehearsed when it was staged."""
    host = Waiting(world)
    host.apply()
    rehearsed = host.record()["plan"]

    host.boot()

    assert host.report()["plan"] == rehearsed


def test_the_same_plan_is_staged_once(world: World) -> None:
    """A later run finds it staged: it stages nothing again, asks nothing, and says that it waits."""
    host = Waiting(world)
    host.apply()
    first = host.record()

    again = host.run("apply", host.profile)

    assert host.record() == first
    assert again.stdout.splitlines() == [
        "Nothing to do now.",
        "Waiting: 2 packages at boot",
        "2 changes staged for the boot; in an image: yumbridge boot run --assume-boot.",
    ]


def test_what_the_last_run_knew_is_no_reason_to_stage_again(world: World) -> None:
    """A removal that waits is told with the time of the last run; the plan of the boot is the same all the same."""
    old = Rpm("old")
    host = Waiting(world, hold={"packages": ["lib", "old"]})
    world.install(host.root, old)
    host.apply()
    first = host.record()
    world.install(host.root, Rpm("stray"))

    host.apply()

    assert waits(host.report())["old"] == "hold"
    assert host.record() == first
    host.boot()
    assert host.root.installed() == DONE


def test_the_boot_takes_the_member_that_was_chosen(world: World) -> None:
    """What an alias came to when it was staged is what the boot installs, from the staged repositories alone."""
    host = Waiting(world)
    aliases: Json = {"held": {"any_of": ["gone", "lib"]}, "all": {"all_of": ["@held", "app", "tool"]}}
    extra: dict[str, Json] = {"software": {"components": {"yumbridge": {"aliases": aliases}}}}
    host.profile = world.profile(["@all"], [host.base], extra=extra)
    host.apply()
    shutil.rmtree(world.repositories)

    assert host.boot()["state"] == "done"
    assert host.root.installed() == DONE


def test_what_is_damaged_on_the_disk_is_staged_again(world: World) -> None:
    """A staged rpm that is gone is noticed by the next run."""
    host = Waiting(world)
    host.apply()
    host.staged_rpm("lib").unlink()

    host.apply()

    assert host.staged_rpm("lib").exists()
    assert host.boot()["state"] == "done"


def test_another_closure_is_staged_in_place_of_the_old_one(world: World) -> None:
    """When the repository moves on, the new closure is staged, and nothing is left of the old one."""
    host = Waiting(world)
    host.apply()
    world.repository("base", Rpm("lib", "3-1"), APP2, TOOL2)

    host.apply()

    assert len(host.staging) == 1
    host.boot()
    assert "lib-3-1.noarch" in host.root.installed()


def test_nothing_is_staged_any_more_once_nothing_waits(world: World) -> None:
    """Without the hold everything goes now, and what was staged is dropped."""
    host = Waiting(world)
    host.apply()
    host.config = holding(world, name="free.json")

    host.apply()

    assert host.root.installed() == DONE
    assert (host.record()["state"], host.staging) == ("none", [])
    assert host.run("boot", "run", "--assume-boot").stdout.startswith("Nothing ")


def test_a_host_that_has_changed_is_planned_anew(world: World) -> None:
    """What somebody changed since it was staged is taken into account where that takes nothing but what is staged."""
    host = Waiting(world)
    host.apply()
    host.root.erase("app")

    assert host.boot()["state"] == "done"
    assert host.root.installed() == DONE


@pytest.mark.parametrize("since", [Rpm("stray"), Rpm("lib", "3-1")], ids=["install", "newer-build"])
def test_a_boot_takes_nothing_away_that_no_preview_has_shown(world: World, since: Rpm) -> None:
    """What somebody has installed since is not removed or downgraded by a boot: the plan is stale, and says why."""
    host = Waiting(world)
    host.apply()
    host.root.erase("lib")
    world.install(host.root, since, *([] if since.name == "lib" else [Rpm("lib")]))

    record = host.boot(code=13)

    assert record["state"] == "stale"
    assert f"not previewed: {since.nevra} would go" in record["why"]
    assert since.nevra in host.root.installed()


def test_a_boot_plan_that_would_need_more_than_is_staged_is_stale(world: World) -> None:
    """A package that is missing now and not staged makes it stale: nothing is done, and the next run stages anew."""
    host = Waiting(world)
    host.apply()
    host.root.erase("tool")

    record = host.boot(code=13)

    assert record["state"] == "stale"
    assert "not staged: tool-2-1.noarch" in record["why"]
    assert host.root.installed() == WAITS - {TOOL2.nevra}
    assert host.run("boot", "run", "--assume-boot").code == 0
    host.apply()
    assert host.boot()["state"] == "done"
    assert host.root.installed() == DONE


# Verification


def test_a_staged_rpm_is_verified_before_it_is_used(world: World) -> None:
    """A staged rpm that was damaged since fails the boot run, before anything is changed."""
    host = Waiting(world)
    host.apply()
    flip_last_byte(host.staged_rpm("lib"))

    record = host.boot(code=15)

    assert record["state"] == "failed"
    assert "lib-2-1.noarch" in record["why"]
    assert host.root.installed() == WAITS


def test_signatures_are_verified_when_it_is_staged_and_at_boot(world: World, signing_key: SigningKey) -> None:
    """With gpgcheck the keys are staged, too, so that the boot run can verify without network."""
    host = Waiting(world)
    base = world.repository("base", LIB2, APP2, TOOL2, key=signing_key)
    key = world.path / "key.asc"
    shutil.copy(signing_key.public_key, key)
    entry: dict[str, Json] = {
        "name": "base",
        "protocols": [{"name": "file", "url": base.url}],
        "gpgcheck": True,
        "gpgkey": [key.as_uri()],
        "enabled": True,
    }
    host.profile = world.profile([*NAMES], [entry])
    host.apply()
    key.unlink()
    shutil.rmtree(world.repositories)

    assert host.boot()["state"] == "done"
    assert host.root.installed() >= DONE


def test_an_apply_that_fails_leaves_no_older_plan_to_the_boot(world: World) -> None:
    """A boot plan of an older profile would undo what a newer one has brought, even where that did not end well."""
    host = Waiting(world)
    host.apply()
    bad = Rpm("bad", scriptlets={"post": 'error("no luck")'})
    base = world.repository("base", *host.base.rpms, bad)
    host.profile = world.profile([*NAMES, "bad"], [base])

    host.apply(code=17)

    assert host.record()["state"] == "planned"
    assert host.run("boot", "run", "--assume-boot").stdout.startswith("Nothing ")
    assert bad.nevra in host.root.installed()


def test_an_unsigned_rpm_is_not_staged(world: World, signing_key: SigningKey) -> None:
    """A package without a good signature is refused when it would be staged; what goes now has gone."""
    host = Waiting(world)
    entry: dict[str, Json] = {
        "name": "base",
        "protocols": [{"name": "file", "url": host.base.url}],
        "gpgcheck": True,
        "gpgkey": [signing_key.public_key.as_uri()],
        "enabled": True,
    }
    profile = world.profile(["app", "lib"], [entry], name="signed.json")
    host.root.erase("tool")

    outcome = host.run("apply", profile)

    assert outcome.code == 17
    assert "without a good signature" in outcome.stderr
    assert host.record()["state"] == "planned"
    assert "signature" in host.record()["why"]
    assert host.staging == []
    assert host.run("apply", profile, "--json").stdout.count('"document"') == 1
    assert host.run("boot", "run", "--assume-boot").stdout.startswith("Nothing ")


def test_a_failing_scriptlet_at_boot_is_a_failed_boot_run(world: World) -> None:
    """A boot run that does not end as planned is failed, with what is not as planned, and is not tried again."""
    host = Waiting(world, lib=Rpm("lib", "2-1", scriptlets={"pre": 'error("no luck")'}))
    host.apply()

    record = host.boot(code=17)

    assert record["state"] == "failed"
    assert "missing: lib-2-1.noarch" in record["why"]
    assert host.run("boot", "run", "--assume-boot").stdout.startswith("Nothing ")


# Cancelled


def test_a_cancelled_plan_is_not_run_nor_staged_again_by_itself(world: World) -> None:
    """What was cancelled stays so until other changes wait, or somebody asks for it."""
    host = Waiting(world)
    host.apply()

    cancelled = host.run("boot", "cancel", "--json").json()

    assert (cancelled["state"], host.staging) == ("cancelled", [])
    host.apply()
    assert host.record()["state"] == "cancelled"
    assert host.run("boot", "run", "--assume-boot").stdout.startswith("Nothing ")
    assert host.root.installed() == WAITS
    host.apply("--stage-again")
    assert host.boot()["state"] == "done"


def test_a_cancelled_plan_comes_back_when_other_changes_wait(world: World) -> None:
    """A cancellation is of these changes, not of all to come."""
    host = Waiting(world)
    host.apply()
    host.run("boot", "cancel")
    world.repository("base", Rpm("lib", "3-1"), APP2, TOOL2)

    host.apply()

    assert host.record()["state"] == "staged"


def test_a_cancellation_outlasts_a_repository_that_moves_on_beside_it(world: World) -> None:
    """What was cancelled are changes: the same ones, planned from newer metadata, stay cancelled."""
    host = Waiting(world)
    host.apply()
    host.run("boot", "cancel")
    world.repository("base", *host.base.rpms, Rpm("unrelated"))

    host.apply()

    assert host.record()["state"] == "cancelled"


def test_to_cancel_nothing_is_no_error(world: World) -> None:
    """Without a boot plan there is nothing to cancel, and the command says so."""
    host = Waiting(world)

    outcome = host.run("boot", "cancel")

    assert (outcome.code, outcome.stdout) == (0, "Nothing waits for the boot.\n")


def never(world: World, host: Waiting, *, allowed: bool) -> None:
    extra: dict[str, Json] = {"software": {"components": {"yumbridge": {"policy": {"run_at_boot": allowed}}}}}
    host.profile = world.profile([*NAMES], [host.base], spma={"run": False}, extra=extra)


def test_with_run_no_everything_happens_at_boot_if_the_policy_says_so(world: World) -> None:
    """With run = no and `run_at_boot` nothing changes on a running host, not even a file, and everything at boot."""
    host = Waiting(world)
    never(world, host, allowed=True)

    report = host.apply()

    assert (report["outcome"], report["configuration"]) == ("nothing-to-do", [])
    assert waits(report) == {"app": "hold", "lib": "hold", "tool": "hold"}
    assert host.root.installed() == {"app-1-1.noarch", "lib-1-1.noarch", TOOL.nevra}
    assert not (host.root.path / "etc/yum.repos.d").exists()

    assert host.boot()["state"] == "done"

    assert host.root.installed() == DONE
    assert (host.root.path / "etc/yum.repos.d/base.repo").exists()


def test_run_at_boot_opens_no_other_hold(world: World) -> None:
    """With `run_at_boot` what waits for a window goes on waiting at boot."""
    host = Waiting(world, hold={"packages": ["lib"], "until": {"file_exists": "/etc/never"}})
    never(world, host, allowed=True)
    host.apply()

    assert host.boot()["state"] == "done"

    assert host.root.installed() == WAITS


def test_with_run_no_alone_nothing_happens_at_all(world: World) -> None:
    """Without `run_at_boot` a profile that says run = no plans and reports."""
    host = Waiting(world)
    never(world, host, allowed=False)

    report = host.apply()

    assert report["outcome"] == "refused"
    assert host.record()["state"] == "none"


def test_what_is_staged_is_dropped_once_the_profile_allows_no_changes(world: World) -> None:
    """A boot plan of before is not carried out when the profile says run = no by now."""
    host = Waiting(world)
    host.apply()
    never(world, host, allowed=False)

    host.apply()

    assert (host.record()["state"], host.staging) == ("none", [])
    assert host.boot()["state"] == "none"
    assert host.root.installed() == WAITS


def test_a_stored_plan_is_staged_like_any_other(world: World) -> None:
    """`apply` of a stored plan carries out what was previewed for now, and stages what was previewed for boot."""
    host = Waiting(world)
    stored = world.path / "plan.json"
    host.run("plan", host.profile, "--out", stored)

    outcome = host.run("apply", stored)

    assert outcome.code == 0, outcome
    assert host.root.installed() == WAITS
    assert host.boot()["state"] == "done"
    assert host.root.installed() == DONE


# What a person sees, and what lies on the disk


def test_status_tells_what_has_not_happened_yet(world: World) -> None:
    """`status` after an apply lists what waits, apart from whether a reboot is needed."""
    host = Waiting(world)
    host.apply()

    lines = host.run("status").stdout.splitlines()

    assert "Waiting  2 packages at boot" in lines
    assert "         upgrade app.noarch 1-1 -> 2-1" in lines
    assert "         upgrade lib.noarch 1-1 -> 2-1" in lines
    assert "Reboot   not needed" in lines
    assert max(map(len, lines)) <= 80


def test_what_is_staged_is_for_nobody_else_and_the_record_for_all(world: World) -> None:
    """A desired state may hold passwords: only its owner looks into the staging folder. The record is open."""
    host = Waiting(world)
    host.apply()

    (folder,) = host.staging
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent, folder / "request.json")]
    assert modes == [0o700, 0o700, 0o600]
    assert stat.S_IMODE((host.root.path / "var/lib/yumbridge/boot.json").stat().st_mode) == 0o644


def test_a_staging_folder_that_leads_out_of_the_root_is_not_used(world: World) -> None:
    """An image may hold any link: nothing is written, and above all nothing removed, where one leads."""
    host = Waiting(world)
    elsewhere = world.path / "elsewhere"
    (elsewhere / "precious").mkdir(parents=True)
    state = host.root.path / "var/lib/yumbridge"
    state.mkdir(parents=True)
    (state / "boot").symlink_to(elsewhere)

    outcome = host.run("apply", host.profile)

    assert outcome.code == 1
    assert "leads out of" in outcome.stderr
    assert (elsewhere / "precious").is_dir()
    assert host.run("boot", "cancel").code in {0, 1}
    assert (elsewhere / "precious").is_dir()


def test_the_stamp_of_the_release_waits_for_the_last_change(world: World) -> None:
    """The stamp says that the host is as its profile wants it: it is written by the boot run."""
    host = Waiting(world)
    spma: dict[str, Json] = {"quattor_os_file": "/etc/quattor-release", "quattor_os_release": "el9-2026-11"}
    host.profile = world.profile([*NAMES], [host.base], spma=spma)
    stamp = host.root.path / "etc/quattor-release"

    host.apply()
    assert not stamp.exists()
    host.boot()

    assert stamp.read_text(encoding="utf-8") == "el9-2026-11\n"


def test_an_enabled_unit_arms_the_plan(world: World) -> None:
    """The plan is armed once the next boot will run it; without the unit the text says what to do."""
    host = Waiting(world)
    host.apply()
    assert host.record()["state"] == "staged"

    host.enable("yumbridge-boot.service", "basic.target")

    assert host.record()["state"] == "armed"
    assert host.run("boot", "status").stdout.splitlines()[0] == "2 changes staged, carried out by the next boot."
    assert host.run("status", "--json").json()["boot_plan"] == "armed"
    host.root.path.joinpath("etc/systemd/system/yumbridge-boot.service").symlink_to("/dev/null")
    assert host.record()["state"] == "staged"


def test_an_offline_update_is_armed_by_its_link(world: World) -> None:
    """With `boot_method: offline` the link is made that turns the next boot into one for updates; a run removes it."""
    host = Waiting(world, policy={"boot_method": "offline"})
    host.enable("yumbridge-offline.service", "system-update.target")
    link = host.root.path / "system-update"

    host.apply()
    assert link.is_symlink()
    host.run("boot", "cancel")
    assert not link.is_symlink()
    host.apply("--stage-again")
    assert link.is_symlink()

    assert host.boot("--offline")["state"] == "done"
    assert not link.is_symlink()


def test_the_link_of_another_offline_update_is_left_alone(world: World) -> None:
    """Somebody else's offline update is neither replaced nor removed, and its boot is not ours."""
    host = Waiting(world, policy={"boot_method": "offline"})
    host.enable("yumbridge-offline.service", "system-update.target")
    link = host.root.path / "system-update"
    link.symlink_to("/var/lib/dnf/system-upgrade")

    outcome = host.run("apply", host.profile)

    assert outcome.code == 1
    assert "another offline update waits" in outcome.stderr
    ours = host.run("boot", "run", "--offline", "--assume-boot")
    assert ours.code == 0
    assert "/system-update is not ours" in ours.stderr
    assert link.is_symlink()
    assert host.root.installed() == WAITS


def test_a_root_that_does_not_run_has_no_boot_to_prove(world: World) -> None:
    """Without --assume-boot nothing is done to an image."""
    host = Waiting(world)
    host.apply()

    outcome = host.run("boot", "run", "--json")

    assert (outcome.code, outcome.json()["kind"]) == (1, "not-boot")
    assert host.root.installed() == WAITS
    assert host.record()["state"] == "staged"


def test_a_degraded_plan_leaves_the_boot_plan_as_it_is(world: World) -> None:
    """While a repository is missing nothing is staged, and nothing that is staged is dropped."""
    host = Waiting(world)
    extra = world.repository("extra", Rpm("more"))
    with world.serving() as server:
        entry: dict[str, Json] = {
            "name": "extra",
            "protocols": [{"name": "http", "url": extra.at(server.url).url}],
            "skip_if_unavailable": True,
            "enabled": True,
        }
        host.profile = world.profile([*NAMES], [host.base, entry])
        host.apply()
        before = host.record()
        world.repository("base", Rpm("lib", "3-1"), APP2, TOOL2)
        server.fail("/extra/*", UNAVAILABLE)

        host.apply()

    assert host.record() == before


def test_removals_at_boot_count_for_the_limit(world: World) -> None:
    """An unattended apply stages no more removals than it would carry out."""
    host = Waiting(world, hold={"packages": ["old*"]}, policy={"removal_limit": 1})
    world.install(host.root, Rpm("old-a"), Rpm("old-b"))

    outcome = host.run("apply", host.profile)

    assert outcome.code == 1
    assert "the plan removes 2 packages" in outcome.stdout
    assert host.record()["state"] == "none"
    assert host.run("apply", host.profile, "--removal-limit", "2").code == 0
    assert host.boot()["state"] == "done"
    assert host.root.installed() == DONE


def test_a_window_that_closes_while_packages_are_downloaded_stops_the_run(world: World) -> None:
    """What a condition allowed when the plan was made is not done once that is true no more."""
    host = Waiting(world, hold={"packages": ["lib"], "until": {"file_exists": "/etc/may-go"}})
    flag = host.root.write("etc/may-go", "")
    with world.serving() as server:
        host.profile = world.profile([*NAMES], [host.base.at(server.url)])
        server.watch("/base/Packages/*", lambda: flag.unlink(missing_ok=True))

        outcome = host.run("apply", host.profile)

    assert outcome.code == 13
    assert "a condition is not true any more" in outcome.stderr
    assert host.root.installed() == {"app-1-1.noarch", "lib-1-1.noarch", TOOL.nevra}


@pytest.mark.parametrize("damage", ["not JSON", '{"document": "yumbridge-boot", "version": "1.0", "state": "armed"'])
def test_a_damaged_record_is_an_error_that_the_next_apply_gets_past(world: World, damage: str) -> None:
    """A record that cannot be read ends the boot run with an error; an apply stages anew."""
    host = Waiting(world)
    host.apply()
    (host.root.path / "var/lib/yumbridge/boot.json").write_text(damage, encoding="utf-8")

    assert host.run("boot", "run", "--assume-boot").code == 1
    assert host.run("boot", "status").code == 1
    host.apply()
    assert host.boot()["state"] == "done"
