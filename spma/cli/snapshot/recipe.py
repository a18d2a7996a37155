"""A recipe as the command line gives it: a file, and options that say more or otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spma.cli.options import Verb

if TYPE_CHECKING:
    from snapshots.choice.recipe import Recipe

# The key of the recipe that each option stands for, by the name of its parameter.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "repository": ("repositories",),
    "base": ("base",),
    "as_of": ("as_of",),
    "until": ("advisories", "until"),
    "updated": ("advisories", "updated"),
    "type": ("advisories", "types"),
    "severity": ("advisories", "severity"),
    "advisory": ("advisories", "include"),
    "exclude_advisory": ("advisories", "exclude"),
    "hold": ("packages", "hold"),
    "exclude": ("packages", "exclude"),
    "include": ("packages", "include"),
    "without_advisory": ("packages", "without_advisory"),
    "closure": ("closure",),
    "newest_only": ("newest_only",),
    "message": ("message",),
}


def choosing(verb: Verb) -> Verb:
    """Give a verb the options that make a recipe. It is called with `recipe`, which may be empty."""

    @click.option(
        "--recipe",
        "file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Read the recipe FILE.",
        metavar="FILE",
    )
    @click.option("--repository", multiple=True, help="Cut of this repository alone.", metavar="REPO_ID")
    @click.option("--base", help="Start from this snapshot or ref.", metavar="NAME")
    @click.option("--as-of", help="Packages that were seen or built by DATE.", metavar="DATE")
    @click.option("--until", help="Advisories issued by DATE.", metavar="DATE")
    @click.option("--updated", is_flag=True, default=None, help="Go by the date of the last update.")
    @click.option("--type", multiple=True, help="Advisories of this type: security, bugfix, ...", metavar="TYPE")
    @click.option("--severity", multiple=True, help="Advisories of this severity.", metavar="SEVERITY")
    @click.option("--advisory", multiple=True, help="This advisory, whatever else is said.", metavar="ID")
    @click.option("--exclude-advisory", multiple=True, help="Not this advisory.", metavar="ID")
    @click.option("--hold", multiple=True, help="Stay at the builds of the base.", metavar="GLOB")
    @click.option("--exclude", multiple=True, help="Not these packages.", metavar="GLOB")
    @click.option(
        "--include",
        multiple=True,
        help='These packages, whatever else is said: "openssl >= 1:3.2".',
        metavar="'NAME [EVR]'",
    )
    @click.option(
        "--without-advisory", type=click.Choice(["keep", "drop"]), help="What becomes of packages that none covers."
    )
    @click.option("--closure/--no-closure", default=None, help="Add what the selected packages need.")
    @click.option("--newest-only/--all-builds", default=None, help="Only the newest build of each package.")
    @click.option("-m", "--message", help="Why it is cut.", metavar="TEXT")
    @wraps(verb)
    def told(file: Path | None, **options: Any) -> Any:
        chosen = {name: options.pop(name) for name in _KEYS}
        return verb(recipe=_recipe(file, chosen), **options)

    return told  # type: ignore[return-value]


def _recipe(file: Path | None, options: Mapping[str, Any]) -> Recipe:
    """Return the recipe of `file` with what the options say. Raises RecipeError with every problem."""
    from snapshots.choice.recipe import Recipe, read_recipe, recipe_of, tree
    from snapshots.errors import RecipeError

    recipe = Recipe()
    if file is not None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise RecipeError(f"recipe {file} cannot be read: {error.strerror}") from error
        recipe = read_recipe(content, str(file))
    said = {name: value for name, value in options.items() if value not in (None, ())}
    if not said:
        return recipe
    wanted = tree(recipe) or {}
    for name, value in said.items():
        _set(wanted, _KEYS[name], value)
    return recipe_of(wanted, "options" if file is None else f"{file} with options")


def _set(wanted: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    """Set one key of a recipe: lists grow, everything else is replaced."""
    *above, last = keys
    for key in above:
        wanted = wanted.setdefault(key, {})
    if isinstance(value, tuple | list):
        wanted[last] = [*wanted.get(last, ()), *value]
    else:
        wanted[last] = value
