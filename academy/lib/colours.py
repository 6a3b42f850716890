"""Colours as '#rrggbb': shades of a brand colour, and whether they can be read (WCAG 2.2)."""

WHITE = "#ffffff"
TEXT_CONTRAST = 4.5  # ratio; WCAG 1.4.3, text below 24 px


def _channels(colour: str) -> tuple[int, int, int]:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) != 6:
        raise ValueError(f"{colour!r} is not a colour. Write it like #0b4f5c.")
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        raise ValueError(f"{colour!r} is not a colour. Write it like #0b4f5c.") from None
    return red, green, blue


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` mixed in. Raises ValueError where one is no colour."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def darken(colour: str, share: float = 0.27) -> str:
    """A darker shade, for hover: `share` (0 to 1) of black mixed in."""
    return mix(colour, "#000000", share)


def tint(colour: str, share: float = 0.93) -> str:
    """A pale tint, for backgrounds: `share` (0 to 1) of white mixed in."""
    return mix(colour, WHITE, share)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white), as WCAG 2.2 defines it for sRGB."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio between two colours, 1 to 21, whichever is lighter (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(text: str, background: str) -> bool:
    """Whether text of this colour may stand on this background at any size."""
    return contrast(text, background) >= TEXT_CONTRAST
