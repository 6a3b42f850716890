"""A field for domains of e-mail addresses, one a line."""

import re

from django import forms

from academy.lib.domains import PUBLIC, as_domain


class DomainsField(forms.CharField):
    """Domains in lower case and ASCII, each once."""

    def __init__(self, *, public: bool, rows: int = 3, **kwargs) -> None:
        """Unless `public`, domains under which anybody can have an address are refused."""
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        super().__init__(widget=widget, **kwargs)
        self._public = public

    def prepare_value(self, value: list[str] | str | None) -> str | None:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: str | None) -> list[str]:
        said = re.split(r"[\s,;]+", super().clean(value).strip())
        return list(dict.fromkeys(self._one(text.removeprefix("@")) for text in said if text))

    def _one(self, text: str) -> str:
        try:
            domain = as_domain(text)
        except ValueError:
            raise forms.ValidationError(f"‘{text[:60]}’ is no domain: enter one like larkshire.gov.uk") from None
        if not self._public and domain in PUBLIC:
            raise forms.ValidationError(
                f"Anybody can have an address at {domain}, so it says nothing about who they are"
            )
        return domain
