"""The colours of both themes keep to WCAG 2.2 AA: a contrast of 4.5 for text, 3 for what is operated or means something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ringbook.web

TOKENS = (Path(ringbook.web.__file__).parent / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS
    )
}
SURFACES = ("bg", "bg-sunken", "bg-raised", "bg-hover", "bg-active")
STATES = ("good", "bad", "warn", "info")

TEXT = [
    *(
        (text, surface)
        for text in ("text", "text-quiet")
        for surface in (*SURFACES, "bg-selected", "quiet-soft")
    ),
    *(("text-faint", surface) for surface in ("bg", "bg-sunken", "bg-raised", "bg-hover")),
    *(("accent-text", surface) for surface in (*SURFACES, "accent-soft", "bg-selected")),
    *((state, surface) for state in STATES for surface in ("bg", "bg-raised", "bg-sunken", f"{state}-soft")),
    *(("text", f"{state}-soft") for state in STATES),
    *((f"hue-{n}", surface) for n in range(1, 9) for surface in ("bg", "bg-raised")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-accent", "danger"),
    ("on-accent", "danger-hover"),
    ("text-inverse", "bg-inverse"),
    ("text-inverse-accent", "bg-inverse"),
    ("text", "mark"),
]
SHAPES = [
    *(("line-control", surface) for surface in ("bg", "bg-raised")),
    *(("focus", surface) for surface in (*SURFACES, "bg-selected")),
    ("accent", "bg"),
    ("tl-talk", "bg"),
    ("tl-transfer", "bg"),
]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str, theme: int) -> None:
    found = contrast(PAIRS[ink][theme], PAIRS[ground][theme])
    assert found >= 4.5, f"{ink} on {ground}: {found:.2f}"


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), SHAPES)
def test_shapes_can_be_seen(ink: str, ground: str, theme: int) -> None:
    found = contrast(PAIRS[ink][theme], PAIRS[ground][theme])
    assert found >= 3, f"{ink} on {ground}: {found:.2f}"


def test_every_colour_has_both_themes_and_stands_in_one_place() -> None:
    styles = Path(ringbook.web.__file__).parent / "static" / "css"
    for sheet in styles.rglob("*.css"):
        if sheet.name == "tokens.css":
            continue
        raw = re.findall(r":[^;{}]*(#[0-9a-fA-F]{3,8})\b", sheet.read_text(encoding="utf-8"))
        assert not raw, f"{sheet.name} has colours of its own: {raw}"
