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
    programme = apps.get_model("cohorts", "Programme").objects.create(
        name="ASYE", name_key="asye", title="Assessed and supported year in employment"
    )
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


def remove_asye(apps, schema_editor) -> None:
    apps.get_model("cohorts", "Stage").objects.filter(version__programme__name_key="asye").delete()
    apps.get_model("cohorts", "ProgrammeVersion").objects.filter(programme__name_key="asye").delete()
    apps.get_model("cohorts", "Programme").objects.filter(name_key="asye").delete()


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0001_initial")]
    operations = [migrations.RunPython(add_asye, remove_asye)]
