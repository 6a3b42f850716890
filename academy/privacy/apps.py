from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "academy.privacy"
    label = "privacy"

    def ready(self) -> None:
        from academy.privacy import checks, due, todo  # noqa: F401  (they register themselves)
