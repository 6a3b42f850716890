from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from partners import due, emails, reports, stats, todo  # noqa: F401  (they register themselves)
