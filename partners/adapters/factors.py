"""Second factors, as django-allauth is to treat them."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest

from academy.lib import qr, sealed
from partners import assurance
from partners.models import Provider, User


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are sealed; names are the academy's."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That is not the code, or it has been used already. Check it and try again",
        "cannot_generate_recovery_codes": "Set up an authenticator app or a passkey first",
    }

    def encrypt(self, text: str) -> str:
        return sealed.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealed.unseal(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        return qr.drawing(url)

    def _get_site_name(self) -> str:
        return settings.ACADEMY_NAME

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"


class SecondFactorStage(AuthenticateStage):
    """Asked of those who have one, unless they used a passkey, or their organisation has asked for one just now."""

    def _should_handle(self, request: HttpRequest) -> bool:
        if self._provider_has_asked(request):
            assurance.record(request, self.login.user, "mfa", type=assurance.WORK_ACCOUNT)
            return False
        return super()._should_handle(request)

    def _provider_has_asked(self, request: HttpRequest) -> bool:
        key = assurance.work_account_used(request, self.login.user)
        return bool(key) and Provider.objects.filter(key=key, is_on=True, asks_second_factor=True).exists()
