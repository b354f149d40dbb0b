"""What Tea Shop sends becomes what the hub knows."""

from pathlib import Path

from core.decode import decode
from plugins.teashop.mapping import Order, to_customer, to_record

ORDER = decode((Path(__file__).parent / "fixtures/order.json").read_bytes(), Order, limit=10_000)


def test_an_order_keeps_its_exact_amount_and_its_buyer() -> None:
    record = to_record(ORDER)
    assert (record.amount, record.currency, record.status) == (1990, "EUR", "paid")
    buyer = to_customer(ORDER)
    assert buyer is not None
    assert buyer.profile["name"] == "Mina Sato"
