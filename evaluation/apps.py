from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"

    def ready(self) -> None:
        from evaluation import due, emails, reports, sections, stats, todo  # noqa: F401  (they register themselves)
