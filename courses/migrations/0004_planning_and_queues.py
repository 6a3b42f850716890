import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0003_certificate'),
        ('partners', '0011_access'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('manager', 'Manager'), ('fee', 'Fee')], max_length=10)),
                ('state', models.CharField(choices=[('waiting', 'Waiting for approval'), ('given', 'Approved'), ('refused', 'Not approved'), ('lapsed', 'Nobody decided in time'), ('dropped', 'No longer needed')], default='waiting', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='when the place goes to somebody else if nobody has decided')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, help_text='told to the person', max_length=300)),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='courses.booking')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='partners.person')),
            ],
            options={
                'ordering': ['due_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='approvals_that_wait')],
                'constraints': [models.UniqueConstraint(fields=('booking', 'step'), name='each_step_of_a_booking_is_approved_once')],
            },
        ),
        migrations.CreateModel(
            name='BookingQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('text', 'A few words'), ('yes_no', 'Yes or no'), ('choice', 'One of some choices')], default='text', max_length=10)),
                ('choices', models.TextField(blank=True, help_text='one a line')),
                ('required', models.BooleanField(default=False)),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='courses.course')),
            ],
            options={
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Charge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('late', 'Given up late'), ('no_show', 'Did not come'), ('fee', 'Fee')], max_length=10)),
                ('amount', models.DecimalField(decimal_places=2, help_text='pounds; 0 where the policy has none', max_digits=8)),
                ('made_at', models.DateTimeField()),
                ('waived_at', models.DateTimeField(blank=True, null=True)),
                ('waiver_reason', models.CharField(blank=True, max_length=300)),
                ('invoiced_at', models.DateTimeField(blank=True, help_text='when it went into a file for invoicing', null=True)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='partners.agency')),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='courses.booking')),
                ('waived_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='partners.person')),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('booking', 'kind'), name='a_booking_is_charged_once_for_each'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='an_amount_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Habits',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, help_text='1 Monday to 7 Sunday', size=None)),
                ('areas', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='habits', to='partners.person')),
            ],
            options={
                'verbose_name_plural': 'habits',
            },
        ),
        migrations.CreateModel(
            name='Interest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('met', 'Booked'), ('ended', 'No longer wanted')], default='waiting', max_length=10)),
                ('wants_place', models.BooleanField(default=False, help_text="in the course's queue: a place is held for them")),
                ('days', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, help_text='1 Monday to 7 Sunday; none: any day', size=None)),
                ('areas', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text='none: anywhere', size=None)),
                ('asked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interests', to='courses.course')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interests', to='partners.person')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['course', 'asked_at'], name='interest_in_a_course')],
                'constraints': [models.UniqueConstraint(fields=('course', 'person'), name='one_waits_for_a_course_once')],
            },
        ),
        migrations.CreateModel(
            name='KeptPlaces',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agency_kind', models.CharField(blank=True, choices=[('council', 'Council'), ('health', 'NHS'), ('police', 'Police'), ('school', 'School or college'), ('early_years', 'Early years'), ('voluntary', 'Voluntary and community'), ('gp', 'GP practice'), ('housing', 'Housing provider'), ('other', 'Other partner')], max_length=20)),
                ('places', models.PositiveIntegerField()),
                ('until', models.DateTimeField(help_text="then they are anybody's")),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.agency')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_places', to='courses.run')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', False), ('agency_kind', '')), models.Q(('agency__isnull', True), models.Q(('agency_kind', ''), _negated=True)), _connector='OR'), name='places_are_kept_for_an_agency_or_for_a_kind'), models.UniqueConstraint(fields=('run', 'agency', 'agency_kind'), name='places_are_kept_once_for_each', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agency_kind', models.CharField(choices=[('council', 'Council'), ('health', 'NHS'), ('police', 'Police'), ('school', 'School or college'), ('early_years', 'Early years'), ('voluntary', 'Voluntary and community'), ('gp', 'GP practice'), ('housing', 'Housing provider'), ('other', 'Other partner')], max_length=20, unique=True)),
                ('free_until_days', models.PositiveSmallIntegerField(default=0, verbose_name='working days before the run until which giving up costs nothing')),
                ('late_charge', models.DecimalField(decimal_places=2, default=0, max_digits=8, verbose_name='for giving up later (£)')),
                ('no_show_half_day', models.DecimalField(decimal_places=2, default=0, max_digits=8, verbose_name='for not coming, up to 4 hours (£)')),
                ('no_show_full_day', models.DecimalField(decimal_places=2, default=0, max_digits=8, verbose_name='for not coming, longer (£)')),
                ('late_is_absent', models.BooleanField(default=False, verbose_name='whoever comes late counts as absent')),
            ],
            options={
                'verbose_name_plural': 'policies',
                'ordering': ['agency_kind'],
                'constraints': [models.CheckConstraint(condition=models.Q(('late_charge__gte', 0), ('no_show_full_day__gte', 0), ('no_show_half_day__gte', 0)), name='a_charge_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Room',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='as people find it: The Old Mill, Weir room', max_length=200, unique=True)),
                ('area', models.CharField(blank=True, help_text='the town or district: by this people look near them', max_length=100)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('seats', models.PositiveIntegerField()),
                ('directions', models.TextField(blank=True, help_text='how to get there, parking, step-free access, hearing loop')),
                ('in_use', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='booking',
            name='answers',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, help_text="to the course's questions, by their id"),
        ),
        migrations.AddField(
            model_name='booking',
            name='booked_by',
            field=models.ForeignKey(blank=True, help_text='who asked for it', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='partners.person'),
        ),
        migrations.AddField(
            model_name='booking',
            name='calendar_sequence',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='rises with each change that a calendar must show'),
        ),
        migrations.AddField(
            model_name='booking',
            name='fee',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, help_text='pounds', max_digits=8),
        ),
        migrations.AddField(
            model_name='booking',
            name='free_until_days',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='working days before the run until which giving up costs nothing'),
        ),
        migrations.AddField(
            model_name='booking',
            name='handed_from',
            field=models.ForeignKey(blank=True, help_text='whose place it was', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='handed_to', to='courses.booking'),
        ),
        migrations.AddField(
            model_name='booking',
            name='late_charge',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, help_text='pounds', max_digits=8),
        ),
        migrations.AddField(
            model_name='booking',
            name='late_is_absent',
            field=models.BooleanField(db_default=False, default=False, help_text='who comes late was not there'),
        ),
        migrations.AddField(
            model_name='booking',
            name='no_show_charge',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, help_text='pounds', max_digits=8),
        ),
        migrations.AddField(
            model_name='booking',
            name='offer_until',
            field=models.DateTimeField(blank=True, help_text='when an offer runs out', null=True),
        ),
        migrations.AddField(
            model_name='booking',
            name='replaces',
            field=models.ForeignKey(blank=True, help_text='another date of the course, given up once this one has a place', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaced_by', to='courses.booking'),
        ),
        migrations.AddField(
            model_name='booking',
            name='walk_in',
            field=models.BooleanField(db_default=False, default=False, help_text='came unbooked, on the day'),
        ),
        migrations.AddField(
            model_name='course',
            name='accreditation',
            field=models.CharField(blank=True, db_default='', default='', help_text='who recognises it', max_length=200, verbose_name='accrediting body'),
        ),
        migrations.AddField(
            model_name='course',
            name='contact',
            field=models.ForeignKey(blank=True, help_text='who answers for it', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='partners.person'),
        ),
        migrations.AddField(
            model_name='course',
            name='credit_level',
            field=models.CharField(blank=True, db_default='', default='', help_text='such as level 7', max_length=60),
        ),
        migrations.AddField(
            model_name='course',
            name='credits',
            field=models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True, verbose_name='academic credits'),
        ),
        migrations.AddField(
            model_name='course',
            name='fee',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, help_text='pounds a place, charged to the agency', max_digits=8),
        ),
        migrations.AddField(
            model_name='course',
            name='job_roles',
            field=models.ManyToManyField(blank=True, help_text='for whom it is; none: anyone', related_name='+', to='partners.jobrole'),
        ),
        migrations.AddField(
            model_name='course',
            name='level',
            field=models.CharField(blank=True, choices=[('foundation', 'Foundation'), ('intermediate', 'Intermediate'), ('advanced', 'Advanced')], db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='course',
            name='needs_approval',
            field=models.BooleanField(db_default=False, default=False, help_text='by the manager of who books'),
        ),
        migrations.AddField(
            model_name='course',
            name='open_to',
            field=models.CharField(choices=[('everyone', 'Everyone'), ('owner', 'Only people of the agency that offers it'), ('chosen', 'People of chosen agencies and kinds of agency')], db_default='everyone', default='everyone', max_length=10),
        ),
        migrations.AddField(
            model_name='course',
            name='open_to_agencies',
            field=models.ManyToManyField(blank=True, related_name='+', to='partners.agency'),
        ),
        migrations.AddField(
            model_name='course',
            name='open_to_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('council', 'Council'), ('health', 'NHS'), ('police', 'Police'), ('school', 'School or college'), ('early_years', 'Early years'), ('voluntary', 'Voluntary and community'), ('gp', 'GP practice'), ('housing', 'Housing provider'), ('other', 'Other partner')], max_length=20), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='course',
            name='prior_knowledge',
            field=models.CharField(blank=True, db_default='', default='', help_text='in words; blocks nobody', max_length=300, verbose_name='what to know before'),
        ),
        migrations.AddField(
            model_name='course',
            name='provider',
            field=models.CharField(blank=True, db_default='', default='', help_text='who delivers it', max_length=200),
        ),
        migrations.AddField(
            model_name='course',
            name='requires',
            field=models.ManyToManyField(blank=True, help_text='courses to complete before this one', related_name='leads_to', to='courses.course'),
        ),
        migrations.AddField(
            model_name='course',
            name='review_on',
            field=models.DateField(blank=True, help_text='when its content is looked at again', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='books_from',
            field=models.DateTimeField(blank=True, help_text='when booking opens; empty: once published', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='books_until',
            field=models.DateTimeField(blank=True, help_text='when it closes; empty: as the run starts', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='cancel_reason',
            field=models.CharField(blank=True, db_default='', default='', help_text='told to people', max_length=300),
        ),
        migrations.AddField(
            model_name='run',
            name='cost',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='pounds that holding it costs the academy', max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='joining',
            field=models.TextField(blank=True, db_default='', default='', help_text='what to bring or to read before', verbose_name='joining instructions'),
        ),
        migrations.AddField(
            model_name='run',
            name='minimum',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='with fewer people it is not worth holding; leads are warned'),
        ),
        migrations.AddField(
            model_name='run',
            name='notes',
            field=models.TextField(blank=True, db_default='', default='', help_text='for the academy; never about a person', verbose_name='trainer’s notes'),
        ),
        migrations.AddField(
            model_name='run',
            name='recording_url',
            field=models.URLField(blank=True, db_default='', default='', help_text='shown afterwards to those booked', verbose_name='link to the recording'),
        ),
        migrations.AddField(
            model_name='session',
            name='join_url',
            field=models.URLField(blank=True, db_default='', default='', help_text='shown near the start to those booked', verbose_name='joining link'),
        ),
        migrations.AlterField(
            model_name='attendance',
            name='mark',
            field=models.CharField(choices=[('present', 'Present'), ('part', 'Part'), ('late', 'Late'), ('absent', 'Absent'), ('excused', 'Excused')], max_length=10),
        ),
        migrations.AlterField(
            model_name='booking',
            name='state',
            field=models.CharField(choices=[('booked', 'Booked'), ('queued', 'In the queue'), ('offered', 'Place offered'), ('given_up', 'Given up'), ('handed_on', 'Handed to a colleague'), ('left_queue', 'Left the queue'), ('no_place', 'No place came up'), ('declined', 'Offer declined'), ('lapsed', 'Offer ran out'), ('refused', 'Not approved'), ('cancelled', 'Run cancelled')], max_length=10),
        ),
        migrations.AlterField(
            model_name='course',
            name='kind',
            field=models.CharField(choices=[('classroom', 'In person'), ('online', 'Online live'), ('blended', 'Blended'), ('event', 'Event with speakers'), ('coaching', 'Coaching'), ('shadowing', 'Work shadowing'), ('peer_group', 'Peer group'), ('external', 'External course')], max_length=20),
        ),
        migrations.AlterField(
            model_name='session',
            name='venue',
            field=models.CharField(help_text="a room, or 'Online'; as people read it", max_length=200),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('state', 'offered')), fields=['offer_until'], name='offers_that_run_out'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'offered'), _negated=True), ('offer_until__isnull', False), _connector='OR'), name='an_offer_runs_out_some_time'),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(('fee__gte', 0)), name='a_fee_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('books_from', None), ('books_until', None), ('books_until__gt', models.F('books_from')), _connector='OR'), name='booking_closes_after_it_opens'),
        ),
        migrations.AddField(
            model_name='session',
            name='room',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='courses.room'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['room', 'starts_at'], name='sessions_in_a_room'),
        ),
    ]
