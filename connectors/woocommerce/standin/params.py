"""A request's parameters, read as PHP and the REST API read them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from yarl import URL

from connectors.woocommerce.standin.errors import invalid
from connectors.woocommerce.standin.values import Json, moment_of

Params = dict[str, Any]
MOST_PER_PAGE = 100


def php_query(url: URL) -> Params:
    """The query as `$_GET`: the last of a name wins, `name[]` and `name[0]` make a list."""
    found: Params = {}
    for name, value in url.query.items():  # in the order in which they came
        head, bracket, index = name.partition("[")
        if not bracket:
            found[head] = value
            continue
        inner = found.get(head)
        inner = inner if isinstance(inner, dict) else {}
        inner[index.rstrip("]") or str(len(inner))] = value
        found[head] = inner
    return found


def flat(params: Params) -> list[tuple[str, str]]:
    """The same as pairs again, every list with its indices."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        if isinstance(value, dict):
            pairs += [(f"{name}[{index}]", str(one)) for index, one in value.items()]
        else:
            pairs.append((name, str(value)))
    return pairs


def words(value: Any) -> list[str]:
    """A list given as `a,b`, as `name[]=a&name[]=b` or as JSON."""
    if isinstance(value, Mapping):
        return [str(one) for one in value.values()]
    if isinstance(value, list):
        return [str(one) for one in value]
    return [one.strip() for one in str(value).split(",") if one.strip()]


def truth(value: Any) -> bool:
    """A boolean parameter."""
    return value is True or str(value).lower() in ("1", "true")


def whole(params: Params, name: str, default: int, least: int, most: int | None = None) -> int:
    """A whole number, or the 400 that WordPress answers."""
    value = str(params.get(name, default))
    if not re.fullmatch(r"-?[0-9]{1,15}", value):
        raise invalid(name, f"{name} is not of type integer.", "rest_invalid_type")
    count = int(value)
    if most is not None and not least <= count <= most:
        why = f"{name} must be between {least} (inclusive) and {most} (inclusive)"
        raise invalid(name, why, "rest_out_of_bounds")
    if count < least:
        why = f"{name} must be greater than or equal to {least}"
        raise invalid(name, why, "rest_out_of_bounds")
    return count


def choice(params: Params, name: str, default: str, allowed: Iterable[str]) -> str:
    """One of the allowed words, or the 400 that WordPress answers."""
    value = str(params.get(name, default))
    if value not in tuple(allowed):
        raise invalid(name, f"{name} is not one of {listed(allowed)}.", "rest_not_in_enum")
    return value


def choices(params: Params, name: str, default: str, allowed: Iterable[str]) -> list[str]:
    """Some of the allowed words, or the 400 that WordPress answers."""
    values = words(params.get(name, default))
    for place, value in enumerate(values):
        if value not in tuple(allowed):
            why = f"{name}[{place}] is not one of {listed(allowed)}."
            raise invalid(name, why, "rest_not_in_enum")
    return values


def listed(allowed: Iterable[str]) -> str:
    *most, last = allowed
    return f"{', '.join(most)}, and {last}"


def moment(params: Params, name: str) -> int | None:
    """A date parameter as seconds since 1970, or None if there is none."""
    if name not in params:
        return None
    try:
        return moment_of(str(params[name]), are_gmt=truth(params.get("dates_are_gmt")))
    except ValueError:
        raise invalid(name, "Invalid date.", "rest_invalid_date") from None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and the headers that count it."""

    items: list[Any]
    total: int
    pages: int

    @property
    def headers(self) -> dict[str, str]:
        return {"X-WP-Total": str(self.total), "X-WP-TotalPages": str(self.pages)}


def paged(found: list[Any], params: Params) -> Page:
    """The asked page; past the end it is empty and even the totals are 0."""
    size = whole(params, "per_page", 10, 1, MOST_PER_PAGE)
    turn = whole(params, "page", 1, 1)
    start = whole(params, "offset", (turn - 1) * size, 0)
    items = found[start : start + size]
    if not items and turn > 1:
        return Page([], 0, 0)
    return Page(items, len(found), math.ceil(len(found) / size))


def link_header(address: str, params: Params, pages: int) -> str:
    """`Link` to the neighbours: it repeats the whole query, keys and signature included."""
    turn = int(params.get("page", 1))
    links = []
    for name, other in (("prev", turn - 1), ("next", turn + 1)):
        if 1 <= other <= pages:
            query = urlencode(flat(params | {"page": str(other)}))
            links.append(f'<{address}?{query}>; rel="{name}"')
    return ", ".join(links)


def only_fields(item: Json, names: list[str]) -> Json:
    """The item cut down to what `_fields` names; `billing.email` reaches inside."""
    kept: Json = {}
    for name in names:
        _keep(item, name.split("."), kept)
    return {key: kept[key] for key in item if key in kept}


def _keep(source: Json, path: list[str], target: Json) -> None:
    name, *rest = path
    if name not in source:
        return
    if not rest:
        target[name] = source[name]
    elif isinstance(source[name], dict):
        inner = target.setdefault(name, {})
        if inner is not source[name]:
            _keep(source[name], rest, inner)


ORDERS: dict[str, Callable[[Any], Any]] = {
    "date": lambda item: (item.created, item.id),
    "modified": lambda item: (item.modified, item.id),
    "id": lambda item: item.id,
    "title": lambda item: item.name.lower(),
    "slug": lambda item: item.slug,
    "include": lambda item: item.id,
    "price": lambda item: item.id,
    "popularity": lambda item: item.id,
    "rating": lambda item: item.id,
    "menu_order": lambda item: item.id,
}


def chosen(items: Iterable[Any], params: Params, orderby: Iterable[str], default: str) -> list[Any]:
    """What the parameters common to all lists leave, in the asked order."""
    bounds = {name: moment(params, name) for name in ("after", "before")}
    bounds |= {name: moment(params, name) for name in ("modified_after", "modified_before")}
    include, exclude = (
        {int(one) for one in words(params.get(name, "")) if one.isdecimal()}
        for name in ("include", "exclude")
    )
    found = [
        item
        for item in items
        if _within(item, bounds) and (not include or item.id in include) and item.id not in exclude
    ]
    key = ORDERS[choice(params, "orderby", default, orderby)]
    descending = choice(params, "order", "desc", ("asc", "desc")) == "desc"
    return sorted(found, key=key, reverse=descending)


def _within(item: Any, bounds: Mapping[str, int | None]) -> bool:
    after, before = bounds["after"], bounds["before"]
    changed, unchanged = bounds["modified_after"], bounds["modified_before"]
    return (
        (after is None or item.created > after)
        and (before is None or item.created < before)
        and (changed is None or item.modified > changed)
        and (unchanged is None or item.modified < unchanged)
    )
