"""What `check` says about this academy's own settings."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from academy.lib import colours

LEAST_CONTRAST = 4.5  # WCAG 2.2 AA, text


@register()
def brand_colour_carries_white_text(**kwargs: object) -> list[CheckMessage]:
    """Buttons, header and confirmation panel write white on the brand colour."""
    try:
        contrast = colours.contrast(settings.BRAND_COLOUR, "#ffffff")
    except ValueError:
        return [
            Error(f"BRAND_COLOUR is '{settings.BRAND_COLOUR}', which is no colour like #0b4f5c.", id="academy.E001")
        ]
    if contrast >= LEAST_CONTRAST:
        return []
    words = f"White on BRAND_COLOUR {settings.BRAND_COLOUR}: contrast {contrast:.1f}, {LEAST_CONTRAST} is the least."
    return [Error(words, hint="Choose a darker colour.", id="academy.E002")]
