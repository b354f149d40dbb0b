"""What every list of the REST API can do: read, write and delete one, and several at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from connectors.woocommerce.standin.errors import WooError, gone
from connectors.woocommerce.standin.params import Page, Params, paged
from connectors.woocommerce.standin.values import Json

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

MOST_IN_A_BATCH = 100


class Resource:
    """One list, such as `/orders`. A subclass says what is in it and what writing changes."""

    path: ClassVar[str]
    invalid_id: ClassVar[str]  # the code of its 404
    invalid_text: ClassVar[str] = "Invalid ID."

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def select(self, params: Params) -> list[Any]:
        """What the parameters ask for, in order."""
        raise NotImplementedError

    def find(self, number: int) -> Any:
        """The item, or KeyError."""
        raise NotImplementedError

    def show(self, item: Any, params: Params) -> Json:
        """The item as JSON."""
        raise NotImplementedError

    async def create(self, body: Json) -> Any:
        raise NotImplementedError

    async def update(self, item: Any, body: Json) -> None:
        raise NotImplementedError

    async def delete(self, item: Any, *, force: bool) -> None:
        raise NotImplementedError

    def get(self, number: int) -> Any:
        """The item, or the 404 of this list."""
        try:
            return self.find(number)
        except KeyError:
            raise gone(self.invalid_id, self.invalid_text) from None

    def page(self, params: Params) -> tuple[list[Json], Page]:
        """One page, shown, and its counts."""
        page = paged(self.select(params), params)
        return [self.show(one, params) for one in page.items], page

    async def remove(self, number: int, *, force: bool) -> Json:
        """Delete or trash it; shows what it was, or what it is in the trash."""
        item = self.get(number)
        before = self.show(item, {})
        await self.delete(item, force=force)
        return before if force else self.show(item, {})

    async def batch(self, body: Json) -> Json:
        """Many at once: an item that fails does not stop the others."""
        wanted = {name: body.get(name) or [] for name in ("create", "update", "delete")}
        if sum(len(items) for items in wanted.values()) > MOST_IN_A_BATCH:
            text = f"Unable to accept more than {MOST_IN_A_BATCH} items for this request."
            raise WooError(413, "woocommerce_rest_request_entity_too_large", text)
        steps = {"create": self._create, "update": self._update, "delete": self._delete}
        return {name: await _each(wanted[name], steps[name]) for name in wanted if wanted[name]}

    async def _create(self, given: Json) -> Json:
        return self.show(await self.create(given), {})

    async def _update(self, given: Json) -> Json:
        item = self.get(_number(given))
        await self.update(item, given)
        return self.show(item, {})

    async def _delete(self, given: Any) -> Json:
        return await self.remove(int(given), force=True)


def _number(given: Json) -> int:
    found = given.get("id", 0)
    return found if isinstance(found, int) else 0


async def _each(given: Iterable[Any], step: Callable[[Any], Awaitable[Json]]) -> list[Json]:
    done = []
    for one in given:
        try:
            done.append(await step(one))
        except WooError as error:
            number = one if isinstance(one, int) else _number(one)
            done.append({"id": number, "error": error.in_batch()})
    return done


def trashed(kind: str) -> WooError:
    """A 410 to the second DELETE without `force`."""
    text = f"The {kind.replace('_', ' ')} has already been deleted."
    return WooError(410, "woocommerce_rest_already_trashed", text)
