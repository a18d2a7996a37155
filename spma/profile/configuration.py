"""The options of ncm-spma that are about the files dnf reads, in dnf's words."""

from __future__ import annotations

from typing import Final

from spma.profile.dnfconf import EXCLUDES, main_text
from spma.profile.options import SpmaOptions
from spma.profile.plugins import FastestMirror, Plugins
from yumbridge.desired.configuration import DnfConfiguration, Options, PluginFile, Stamp, VersionLock
from yumbridge.desired.policy import Policy
from yumbridge.desired.state import ModuleStream, Network

_MAIN: Final = "main"
_SUFFIX: Final = ".conf"

# The backends that remove every foreign repository file, whatever the profile says (yumng.pm, dnf.pm).
_CLEANING_BACKENDS: Final = frozenset({"yumng", "dnf"})

# Where dnf took over from yum the first is a link to the second. Making a folder of that name would keep the package
# with the link from being installed.
_YUM_PLUGINS: Final = "/etc/yum/pluginconf.d/"
_DNF_PLUGINS: Final = "/etc/dnf/plugins/"


def configuration_of(
    options: SpmaOptions, policy: Policy, network: Network, modules: tuple[ModuleStream, ...] = ()
) -> DnfConfiguration:
    """Return what dnf's files shall say. All but `options` are those of the plan, so that both say the same.

    Source: ncm-spma, yum.pm configure_plugins(), generate_repos() and configure_yum(), yumng.pm and dnf.pm.
    """
    lock = options.plugins.versionlock
    return DnfConfiguration(
        manage=True,
        reposdirs=options.reposdirs,
        clean_repositories=_cleans(options),
        manage_modules=bool(options.modules or modules),
        main=_main(options, policy, network),
        plugins=_plugin_files(options.plugins),
        versionlock=VersionLock(enabled=lock.enabled, path=_lock_path(lock.locklist)),
        stamp=_stamp(options),
    )


def _cleans(options: SpmaOptions) -> bool:
    if options.repository_cleanup is not None:
        return options.repository_cleanup
    return options.packager in _CLEANING_BACKENDS or not options.userpkgs


def _main(options: SpmaOptions, policy: Policy, network: Network) -> Options:
    """Return the options of [main]: what the plan is made with, then the profile's text, then what upstream sets."""
    text = {key: value for key, value in main_text(options) if key not in EXCLUDES}
    planned = {
        "best": _switch(on=policy.require_best),
        "excludepkgs": " ".join(policy.excludes) or None,
        "fastestmirror": "1" if options.plugins.fastestmirror.enabled else None,
        "install_weak_deps": None if policy.weak_deps else "0",
        "allow_vendor_change": None if policy.allow_vendor_change else "0",
        "installonly_limit": str(policy.installonly_limit),
        "keepcache": _stated(options.main_options.keepcache),
        "obsoletes": _switch(on=policy.obsoleters_meet_names),
        "proxy": network.proxy,
        "retries": str(network.retries),
        "timeout": str(network.timeout_s),
    }
    chosen = {key: value for key, value in planned.items() if value is not None}
    return tuple(sorted({"clean_requirements_on_remove": "1", **text, **chosen}.items()))


def _plugin_files(plugins: Plugins) -> tuple[PluginFile, ...]:
    """Return the file of every plugin, as upstream writes each whether the profile speaks of it or not."""
    lock, priorities = plugins.versionlock, plugins.priorities
    manager, product = plugins.subscription_manager, plugins.product_id
    options: dict[str, dict[str, str | None]] = {
        "fastestmirror": _fastest_mirror(plugins.fastestmirror),
        "priorities": {
            "enabled": _switch(on=priorities.enabled),
            "check_obsoletes": _stated(priorities.check_obsoletes),
        },
        "product-id": {"enabled": _switch(on=product.enabled)},
        "subscription-manager": {
            "enabled": _switch(on=manager.enabled),
            "disable_system_repos": _stated(manager.disable_system_repos),
        },
        "versionlock": {
            "enabled": _switch(on=lock.enabled),
            "locklist": _lock_path(lock.locklist),
            "follow_obsoletes": _stated(lock.follow_obsoletes),
        },
    }
    return tuple(_plugin_file(name, said) for name, said in options.items())


def _fastest_mirror(plugin: FastestMirror) -> dict[str, str | None]:
    return {
        "enabled": _switch(on=plugin.enabled),
        "verbose": _switch(on=plugin.verbose),
        "always_print_best_host": "true" if plugin.always_print_best_host else "false",
        "socket_timeout": str(plugin.socket_timeout_s),
        "hostfilepath": plugin.host_file_path,
        "maxhostfileage": str(plugin.max_host_file_age_days),
        "maxthreads": str(plugin.max_threads),
        "exclude": ",".join(plugin.exclude) or None,
        "include_only": ",".join(plugin.include_only) or None,
    }


def _plugin_file(name: str, options: dict[str, str | None]) -> PluginFile:
    said = tuple((key, value) for key, value in options.items() if value is not None)
    return PluginFile(name=f"{name}{_SUFFIX}", sections=((_MAIN, said),))


def _lock_path(path: str) -> str:
    return f"{_DNF_PLUGINS}{path.removeprefix(_YUM_PLUGINS)}" if path.startswith(_YUM_PLUGINS) else path


def _stamp(options: SpmaOptions) -> Stamp | None:
    if options.quattor_os_file is None or options.quattor_os_release is None:
        return None
    return Stamp(path=options.quattor_os_file, text=options.quattor_os_release)


def _switch(*, on: bool) -> str:
    return "1" if on else "0"


def _stated(said: bool | None) -> str | None:  # noqa: FBT001 - three values, one of them unsaid
    return None if said is None else _switch(on=said)
