"""Text on a brand colour can be read, whatever the brand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.colors import BLACK, HEX, READABLE, WHITE, contrast, luminance, readable_on

any_color = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(any_color)
def test_W16_text_on_any_brand_colour_reaches_the_contrast_that_wcag_asks_for(color):
    fill, text = readable_on(color)
    assert fill == color
    assert text in (BLACK, WHITE)
    assert contrast(fill, text) >= READABLE


@given(any_color, any_color)
def test_contrast_is_the_same_from_both_sides_and_within_its_scale(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.0001


@given(any_color)
def test_a_colour_reads_the_same_in_upper_case(color):
    assert luminance(color.upper()) == luminance(color)
    assert HEX.fullmatch(color.upper())


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        (BLACK, WHITE, 21.0),
        ("#0000ff", WHITE, 8.59),
        ("#008000", WHITE, 5.14),
        ("#767676", WHITE, 4.54),
        ("#777777", WHITE, 4.48),
        ("#ff0000", WHITE, 4.0),
    ],
)
def test_contrast_agrees_with_published_values(one, other, known):
    assert contrast(one, other) == pytest.approx(known, abs=0.005)


@pytest.mark.parametrize(
    ("brand", "text"),
    [("#7650FF", WHITE), ("#2f5d50", WHITE), ("#ffd400", BLACK), ("#777777", BLACK)],
)
def test_W16_white_is_preferred_wherever_it_can_be_read(brand, text):
    assert readable_on(brand)[1] == text
