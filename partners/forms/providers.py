"""An organisation's sign-in, as an administrator sets it."""

from crispy_forms_gds.layout import Field
from django import forms

from academy.lib import sealed
from academy.lib.addresses import is_safe_address
from partners.forms import layout
from partners.forms.domains import DomainsField
from partners.models import Provider

TICKS = {"asks_second_factor", "verifies_addresses", "is_on"}


class ProviderForm(forms.ModelForm):
    """All of it but the key in its addresses, which is made from the name once. The secret is written, never read."""

    domains = DomainsField(
        public=True,
        label="E-mail domains it speaks for",
        help_text="One a line, such as larkshire.gov.uk. Subdomains count only if you list them.",
        error_messages={"required": "Enter at least one domain"},
    )
    client_secret = forms.CharField(
        label="Client secret",
        required=False,
        strip=True,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = Provider
        fields = [
            *("agency", "name", "issuer", "client_id", "client_secret", "domains"),
            *("id_claim", "verifies_addresses", "asks_second_factor", "is_on"),
        ]
        labels = {
            "agency": "Organisation",
            "name": "Name on the button",
            "issuer": "Issuer address",
            "client_id": "Client id",
            "id_claim": "Which claim names a person for good",
            "verifies_addresses": "Its addresses count without email_verified",
            "asks_second_factor": "Its sign-in asks for a second factor",
            "is_on": "People may sign in with it",
        }
        help_texts = {
            "name": "People read ‘Sign in with …’. For example ‘Larkshire Council’ or ‘NHSmail’.",
            "issuer": "Where /.well-known/openid-configuration is, such as "
            "https://login.microsoftonline.com/your-tenant-id/v2.0",
            "client_id": "Also called application id.",
            "verifies_addresses": "Only for a Microsoft Entra tenant of your own, whose administrators give out the "
            "addresses. Entra does not say whether it checked one.",
            "asks_second_factor": "Tick this only if nobody can sign in there without one: then we do not ask again.",
        }
        error_messages = {
            "agency": {"required": "Choose the organisation"},
            "name": {"required": "Enter a name for the button", "max_length": "Use 40 characters or fewer"},
            "issuer": {"required": "Enter the issuer address", "max_length": "Use 300 characters or fewer"},
            "client_id": {"required": "Enter the client id", "max_length": "Use 191 characters or fewer"},
        }
        widgets = {"issuer": forms.URLInput(attrs={"spellcheck": "false"}), "id_claim": forms.RadioSelect}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.pk is not None
        self.fields["client_secret"].help_text = (
            "Leave it empty to keep the one we have, which cannot be shown." if kept else "It cannot be shown again."
        )
        text = [Field.text(name) for name in ("name", "issuer", "client_id", "client_secret")]
        ticks = [Field(name) for name in ("verifies_addresses", "asks_second_factor", "is_on")]
        self.helper = layout.helper(
            Field.select("agency"),
            *text,
            Field.textarea("domains", rows=3),
            Field.radios("id_claim", legend_size="s"),
            *ticks,
            button="Save",
        )

    def clean_issuer(self) -> str:
        issuer = self.cleaned_data["issuer"]
        if not is_safe_address(issuer) or "?" in issuer:
            raise forms.ValidationError("Enter an address that starts with https:// and has no ? or # in it")
        return issuer.removesuffix("/.well-known/openid-configuration")

    def clean_client_secret(self) -> str:
        secret = self.cleaned_data["client_secret"]
        if not secret and self.instance.pk is None:
            raise forms.ValidationError("Enter the client secret")
        return secret

    def save(self, commit: bool = True) -> Provider:
        if secret := self.cleaned_data["client_secret"]:
            self.instance.sealed_secret = sealed.seal(secret)
        return super().save(commit)
