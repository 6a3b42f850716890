from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from partners import due, emails, reasons, reports, stats, todo  # noqa: F401  (they register themselves)
        from partners.actions import deputies, lost_factors, merges, providers  # noqa: F401  (so does what can be told of them)
        from partners.importers import established, people  # noqa: F401
