"""The first version of the questions asked 3, 6 and 12 months on."""

from django.db import migrations

PROMISE = (
    "Your answers are kept with your name, so that we can see how practice changes over time. Trainers and directors "
    "see them only as shares of five or more people; academy leads also read what you write, without your name."
)
QUESTIONS = [
    (
        "used",
        "How much have you used what you learnt?",
        "",
        ["A great deal", "Quite a lot", "A little", "Not yet"],
        True,
    ),
    (
        "confidence",
        "How confident are you now in this area of practice?",
        "",
        ["Very good", "Good", "Fair", "Poor", "Very poor"],
        True,
    ),
    (
        "difference",
        "Did it make a difference for a child or family?",
        "",
        ["A clear difference", "Some difference", "Too early to tell", "No difference"],
        True,
    ),
    (
        "example",
        "What have you done differently?",
        "One example is enough. Do not include names or details of children or families.",
        [],
        False,
    ),
    ("obstacles", "What, if anything, got in the way?", "", [], False),
]


def add_questionnaire(apps, schema_editor) -> None:
    questionnaire, made = apps.get_model("evaluation", "Questionnaire").objects.get_or_create(
        key="follow-up", version=1, defaults={"title": "What changed in your practice", "promise": PROMISE}
    )
    if not made:
        return
    Question = apps.get_model("evaluation", "Question")
    Question.objects.bulk_create(
        Question(
            questionnaire=questionnaire,
            position=position,
            key=key,
            text=text,
            hint=hint,
            kind="choice" if options else "text",
            options=options,
            required=required,
        )
        for position, (key, text, hint, options, required) in enumerate(QUESTIONS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]
    # Taken back, it stays: follow-ups and answers point at it.
    operations = [migrations.RunPython(add_questionnaire, migrations.RunPython.noop)]
