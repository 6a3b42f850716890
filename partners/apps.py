from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from partners import due, reasons, stats, todo  # noqa: F401  (they register themselves)
        from partners.importers import people  # noqa: F401  (so does what can be told of it)
