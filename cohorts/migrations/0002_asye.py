"""The assessed and supported year in employment, as data: child and family, post-qualifying standards."""

from datetime import date

from django.db import migrations

STAGES = [
    ("Support and assessment agreement", 0, True),
    ("3-month review", 3, True),
    ("6-month review", 6, True),
    ("9-month review", 9, False),
    ("Final review", 12, True),
]


def add_asye(apps, schema_editor) -> None:
    programme, made = apps.get_model("cohorts", "Programme").objects.get_or_create(
        name_key="asye", defaults={"name": "ASYE", "title": "Assessed and supported year in employment"}
    )
    if not made:
        return
    version = apps.get_model("cohorts", "ProgrammeVersion").objects.create(
        programme=programme,
        label="child and family, post-qualifying standards",
        valid_from=date(2015, 4, 1),
        months=12,
    )
    Stage = apps.get_model("cohorts", "Stage")
    Stage.objects.bulk_create(
        Stage(version=version, name=name, month=month, required=required) for name, month, required in STAGES
    )


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0001_initial")]
    # Taken back, it stays: cohorts point at it.
    operations = [migrations.RunPython(add_asye, migrations.RunPython.noop)]
