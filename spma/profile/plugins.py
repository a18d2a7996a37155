"""The dnf plugins that ncm-spma configures, with the defaults of its schema (schema-common-yum.pan)."""

from __future__ import annotations

from typing import Final

import msgspec

from spma.profile.fields import FILE, Fields

_UNKNOWN_FIELD: Final = "unknown field of this plugin, ignored"


class FastestMirror(msgspec.Struct, frozen=True, kw_only=True):
    """fastestmirror. `socket_timeout_s` in seconds, `max_host_file_age_days` in days."""

    enabled: bool = False
    verbose: bool = False
    always_print_best_host: bool = True
    socket_timeout_s: int = 3
    host_file_path: str = "timedhosts.txt"
    max_host_file_age_days: int = 10
    max_threads: int = 15
    exclude: tuple[str, ...] = ()
    include_only: tuple[str, ...] = ()


class VersionLock(msgspec.Struct, frozen=True, kw_only=True):
    """versionlock. `follow_obsoletes` None leaves it to the plugin."""

    enabled: bool = True
    locklist: str = "/etc/yum/pluginconf.d/versionlock.list"
    follow_obsoletes: bool | None = None


class Priorities(msgspec.Struct, frozen=True, kw_only=True):
    """priorities. `check_obsoletes` None leaves it to the plugin."""

    enabled: bool = True
    check_obsoletes: bool | None = None


class SubscriptionManager(msgspec.Struct, frozen=True, kw_only=True):
    """subscription-manager. `disable_system_repos` None leaves it to the plugin."""

    enabled: bool = False
    disable_system_repos: bool | None = None


class ProductId(msgspec.Struct, frozen=True, kw_only=True):
    """product-id."""

    enabled: bool = False


class Plugins(msgspec.Struct, frozen=True, kw_only=True):
    """All of them: ncm-spma writes the file of each, whether the profile speaks of it or not."""

    fastestmirror: FastestMirror = FastestMirror()
    versionlock: VersionLock = VersionLock()
    priorities: Priorities = Priorities()
    subscription_manager: SubscriptionManager = SubscriptionManager()
    product_id: ProductId = ProductId()


def read_plugins(fields: Fields) -> Plugins:
    """Return what the fields of `plugins` say. What is wrong is among their findings."""
    plugins = Plugins(
        fastestmirror=_fastest_mirror(fields.nested("fastestmirror")),
        versionlock=_version_lock(fields.nested("versionlock")),
        priorities=_priorities(fields.nested("priorities")),
        subscription_manager=_subscription_manager(fields.nested("subscription-manager")),
        product_id=_product_id(fields.nested("product-id")),
    )
    fields.warn_of_unknown("unknown plugin, ignored")
    return plugins


def _fastest_mirror(fields: Fields) -> FastestMirror:
    unsaid = FastestMirror()
    plugin = FastestMirror(
        enabled=fields.boolean("enabled", default=unsaid.enabled),
        verbose=fields.boolean("verbose", default=unsaid.verbose),
        always_print_best_host=fields.boolean("always_print_best_host", default=unsaid.always_print_best_host),
        socket_timeout_s=fields.integer("socket_timeout", 0, default=unsaid.socket_timeout_s),
        host_file_path=fields.text("hostfilepath", default=unsaid.host_file_path),
        max_host_file_age_days=fields.integer("maxhostfileage", 0, default=unsaid.max_host_file_age_days),
        max_threads=fields.integer("maxthreads", 0, default=unsaid.max_threads),
        exclude=fields.words("exclude"),
        include_only=fields.words("include_only"),
    )
    fields.warn_of_unknown(_UNKNOWN_FIELD)
    return plugin


def _version_lock(fields: Fields) -> VersionLock:
    unsaid = VersionLock()
    plugin = VersionLock(
        enabled=fields.boolean("enabled", default=unsaid.enabled),
        locklist=fields.text("locklist", default=unsaid.locklist),
        follow_obsoletes=fields.boolean("follow_obsoletes", default=unsaid.follow_obsoletes),
    )
    if not FILE.fullmatch(plugin.locklist):
        fields.problem("locklist", f"{plugin.locklist!r} is no absolute path of a file")
    fields.warn_of_unknown(_UNKNOWN_FIELD)
    return plugin


def _priorities(fields: Fields) -> Priorities:
    unsaid = Priorities()
    plugin = Priorities(
        enabled=fields.boolean("enabled", default=unsaid.enabled),
        check_obsoletes=fields.boolean("check_obsoletes", default=unsaid.check_obsoletes),
    )
    fields.warn_of_unknown(_UNKNOWN_FIELD)
    return plugin


def _subscription_manager(fields: Fields) -> SubscriptionManager:
    unsaid = SubscriptionManager()
    plugin = SubscriptionManager(
        enabled=fields.boolean("enabled", default=unsaid.enabled),
        disable_system_repos=fields.boolean("disable_system_repos", default=unsaid.disable_system_repos),
    )
    fields.warn_of_unknown(_UNKNOWN_FIELD)
    return plugin


def _product_id(fields: Fields) -> ProductId:
    plugin = ProductId(enabled=fields.boolean("enabled", default=ProductId().enabled))
    fields.warn_of_unknown(_UNKNOWN_FIELD)
    return plugin
