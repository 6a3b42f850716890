"""What `check` says when a model or a field has no rule."""

from django.core.checks import CheckMessage, Error, register

from academy.privacy import schedule


@register()
def every_field_has_a_rule(**kwargs: object) -> list[CheckMessage]:
    """Nothing is kept of which schedule.toml does not say for how long."""
    try:
        found = schedule.problems(schedule.load())
    except ValueError as problem:
        found = [str(problem)]
    return [Error(problem, id="privacy.E001") for problem in found]
