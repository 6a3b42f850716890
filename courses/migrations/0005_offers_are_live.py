"""An offer is a live booking too. An old worker makes none, so that the wider constraint forbids it nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0004_planning_and_queues'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='booking',
            name='one_live_booking_per_person_and_run',
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['booked', 'queued', 'offered'])), fields=('run', 'person'), name='one_live_booking_per_person_and_run'),
        ),
    ]
