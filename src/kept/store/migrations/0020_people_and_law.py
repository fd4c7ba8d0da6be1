"""What people said and what the law asks about; switches of rules; from when history is complete.

Safe while old code runs: new tables, columns that may be null or have a default in the database.
What is sealed gives no samples to the planner, as in migration 0015.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


ATTEMPTS = '''
ALTER TABLE attempts
    ADD COLUMN inbound boolean NOT NULL DEFAULT false,
    ADD COLUMN legal_entity_id bigint REFERENCES legal_entities (id),
    ADD COLUMN related_person_id bigint REFERENCES related_persons (id),
    ADD COLUMN account_ids bigint[],
    ADD COLUMN talked_account_ids bigint[];
'''
ATTEMPTS_BACK = '''
ALTER TABLE attempts DROP COLUMN inbound, DROP COLUMN legal_entity_id,
    DROP COLUMN related_person_id, DROP COLUMN account_ids, DROP COLUMN talked_account_ids;
'''
SEALED = (
    "circumstances", "complaints", "consents", "disputes", "hardships", "representations", "stops",
    "vulnerabilities",
)
UNSAMPLED = " ".join(f"ALTER TABLE {each} ALTER COLUMN sealed SET STATISTICS 0;" for each in SEALED)


class Migration(migrations.Migration):
    deployment = "before"

    dependencies = [
        ('store', '0019_unsampled_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='Circumstance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('residence', 'lives here'), ('present_place', 'is here now'), ('death', 'has died'), ('incapacity', 'lacks full legal capacity'), ('minor', 'is a minor'), ('bankruptcy', 'bankruptcy'), ('identity_theft', 'identity theft was reported'), ('time_barred', 'the limitation period has run'), ('refuses_time_barred', 'will not pay since it has run'), ('illegal_debt', 'the debt is illegal'), ('household_debt', 'the debt was used for the household'), ('valid_guarantee', 'the guarantee is valid'), ('offers_to_pay', 'offers to pay for the debtor'), ('location_again', 'the earlier answer was wrong')], max_length=20, verbose_name='kind')),
                ('status', models.CharField(blank=True, choices=[('pending', 'pending'), ('discharged', 'discharged')], default='', max_length=12)),
                ('country', models.CharField(blank=True, default='', max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, default='', max_length=6, verbose_name='region')),
                ('zone', models.CharField(blank=True, default='', max_length=64, verbose_name='time zone')),
                ('place', models.CharField(blank=True, default='', max_length=4)),
                ('occurred_on', models.DateField(blank=True, null=True, verbose_name='happened on')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'verbose_name': 'circumstance',
                'verbose_name_plural': 'circumstances',
                'db_table': 'circumstances',
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('category', models.CharField(choices=[('conduct', 'words or manner'), ('frequency', 'too many contacts'), ('times', 'at wrong times'), ('third_party', 'others were told or called'), ('privacy', 'personal data'), ('amount', 'amount or fees'), ('identity', 'who called was not clear'), ('service', 'requests were not answered'), ('other', 'other')], max_length=16, verbose_name='category')),
                ('medium', models.CharField(blank=True, default='', max_length=24, verbose_name='it came by')),
                ('answer', models.CharField(blank=True, choices=[('upheld', 'upheld'), ('partly', 'upheld in part'), ('rejected', 'not upheld'), ('withdrawn', 'taken back')], default='', max_length=12, verbose_name='answer')),
            ],
            options={
                'verbose_name': 'complaint',
                'verbose_name_plural': 'complaints',
                'db_table': 'complaints',
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('times', 'contact at times that are otherwise closed'), ('more_calls', "more calls than the law's number"), ('address', 'use of this address'), ('machine', 'prerecorded, artificial voice or dialled by a machine'), ('agreed_times', 'times agreed by both sides'), ('agreed_frequency', 'a frequency agreed by both sides'), ('only_time', 'no other time is convenient'), ('court', "a court's permission")], max_length=16, verbose_name='kind')),
                ('channel', models.CharField(blank=True, default='', max_length=24, verbose_name='channel')),
                ('windows', models.JSONField(blank=True, default=list)),
                ('only_on', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), blank=True, default=list, size=None)),
                ('until_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('given_while_inconvenient', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'db_table': 'consents',
            },
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('category', models.CharField(choices=[('not_mine', 'not my debt'), ('paid', 'already paid'), ('amount', 'the amount is wrong'), ('identity_theft', 'identity theft'), ('time_barred', 'the limitation period has run'), ('credit_report', 'the credit report is wrong'), ('first_creditor', 'asks for the first creditor'), ('other', 'other')], max_length=16, verbose_name='category')),
                ('written', models.BooleanField(default=False, verbose_name='in writing')),
                ('answer', models.CharField(blank=True, choices=[('verified', 'the debt was verified'), ('corrected', 'the debt was corrected'), ('accepted', 'the debtor was right'), ('withdrawn', 'the debtor took it back')], default='', max_length=12, verbose_name='answer')),
            ],
            options={
                'verbose_name': 'dispute',
                'verbose_name_plural': 'disputes',
                'db_table': 'disputes',
            },
        ),
        migrations.CreateModel(
            name='Hardship',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('income', 'lost income'), ('illness', 'illness or injury'), ('disaster', 'disaster'), ('family', 'family'), ('instalment', 'personal instalment plan'), ('other', 'other')], max_length=12, verbose_name='kind')),
                ('from_on', models.DateField(verbose_name='from')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('is_breached', models.BooleanField(default=False, verbose_name='breached')),
            ],
            options={
                'verbose_name': 'hardship',
                'verbose_name_plural': 'hardships',
                'db_table': 'hardships',
            },
        ),
        migrations.CreateModel(
            name='Representation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('attorney', 'attorney'), ('executor', 'executor of the estate'), ('guardian', 'guardian'), ('parent', 'parent of a minor'), ('debt_adviser', 'debt adviser'), ('agent', 'authorised agent')], max_length=16, verbose_name='kind')),
                ('is_certain', models.BooleanField(default=True, verbose_name='certain')),
                ('is_reachable', models.BooleanField(default=False, verbose_name='can be reached')),
                ('allows_contact', models.BooleanField(default=False, verbose_name='allows contact with the debtor')),
                ('is_unresponsive', models.BooleanField(default=False, verbose_name='did not answer in reasonable time')),
            ],
            options={
                'verbose_name': 'representation',
                'verbose_name_plural': 'representations',
                'db_table': 'representations',
            },
        ),
        migrations.CreateModel(
            name='RuleSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule_id', models.CharField(max_length=80, unique=True, verbose_name='rule')),
                ('state', models.CharField(choices=[('on', 'in force'), ('warn', 'warns only'), ('off', 'switched off')], max_length=4, verbose_name='state')),
                ('reason', models.TextField(verbose_name='reason')),
                ('switched_at', models.DateTimeField(verbose_name='since')),
                ('switched_by', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'rule switch',
                'verbose_name_plural': 'rule switches',
                'db_table': 'rule_switches',
            },
        ),
        migrations.CreateModel(
            name='Stop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('opt_out', 'opt-out'), ('cease_request', 'cease request in writing'), ('inconvenient_times', 'inconvenient times'), ('inconvenient_place', 'inconvenient place'), ('reasonable_times', 'times that the person asked for'), ('employer', 'the employer forbids contact at work'), ('refusal', 'refused further contact, by word of mouth'), ('breathing_space', 'breathing space'), ('sensitive_occasion', 'grief, calamity or feast')], max_length=20, verbose_name='kind')),
                ('channel', models.CharField(blank=True, default='', max_length=24, verbose_name='channel')),
                ('medium', models.CharField(blank=True, default='', max_length=24, verbose_name='it came by')),
                ('accepted', models.BooleanField(default=True)),
                ('place', models.CharField(blank=True, choices=[('home', 'home'), ('work', 'work')], default='', max_length=4, verbose_name='place')),
                ('windows', models.JSONField(blank=True, default=list)),
                ('from_on', models.DateField(blank=True, null=True, verbose_name='from')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'verbose_name': 'stop',
                'verbose_name_plural': 'stops',
                'db_table': 'stops',
            },
        ),
        migrations.CreateModel(
            name='Vulnerability',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('received_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('sealed', models.BinaryField(blank=True, null=True)),
                ('is_suspected', models.BooleanField(default=False, verbose_name='suspected')),
                ('review_on', models.DateField(blank=True, null=True, verbose_name='to be reviewed on')),
            ],
            options={
                'verbose_name': 'vulnerability',
                'verbose_name_plural': 'vulnerabilities',
                'db_table': 'vulnerabilities',
            },
        ),
        migrations.AddField(
            model_name='creditor',
            name='complete_from',
            field=models.DateField(blank=True, null=True, verbose_name='history is complete from'),
        ),
        migrations.AddField(
            model_name='creditor',
            name='cut_over_on',
            field=models.DateField(blank=True, null=True, verbose_name='cut-over'),
        ),
        migrations.AddField(
            model_name='creditor',
            name='no_history_before',
            field=models.BooleanField(db_default=False, default=False, verbose_name='no contacts before'),
        ),
        migrations.AddConstraint(
            model_name='creditor',
            constraint=models.CheckConstraint(condition=models.Q(('complete_from__isnull', True), ('complete_from__lte', models.F('cut_over_on')), _connector='OR'), name='creditor_history_ends_at_cut_over'),
        ),
        migrations.AddField(
            model_name='circumstance',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='circumstance',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='circumstance',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddField(
            model_name='complaint',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='complaint',
            name='hold',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.hold'),
        ),
        migrations.AddField(
            model_name='complaint',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='complaint',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='complaint',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddField(
            model_name='consent',
            name='contact_point',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.contactpoint'),
        ),
        migrations.AddField(
            model_name='consent',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='consent',
            name='directly_to',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.legalentity'),
        ),
        migrations.AddField(
            model_name='consent',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='consent',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='hold',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.hold'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dispute',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddField(
            model_name='hardship',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='hardship',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='hardship',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddField(
            model_name='representation',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='representation',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='representation',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddConstraint(
            model_name='ruleswitch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['on', 'warn', 'off'])), name='rule_switch_state_known'),
        ),
        migrations.AddConstraint(
            model_name='ruleswitch',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='rule_switch_has_reason'),
        ),
        migrations.AddField(
            model_name='stop',
            name='contact_point',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.contactpoint'),
        ),
        migrations.AddField(
            model_name='stop',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='stop',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='stop',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddField(
            model_name='vulnerability',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debtor'),
        ),
        migrations.AddField(
            model_name='vulnerability',
            name='key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.personkey'),
        ),
        migrations.AddField(
            model_name='vulnerability',
            name='related_person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.relatedperson'),
        ),
        migrations.AddConstraint(
            model_name='circumstance',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['residence', 'present_place', 'death', 'incapacity', 'minor', 'bankruptcy', 'identity_theft', 'time_barred', 'refuses_time_barred', 'illegal_debt', 'household_debt', 'valid_guarantee', 'offers_to_pay', 'location_again'])), name='circumstance_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='circumstance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='circumstance_ended_after_begun'),
        ),
        migrations.AddConstraint(
            model_name='circumstance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'bankruptcy'), ('status__in', ['pending', 'discharged'])), models.Q(models.Q(('kind', 'bankruptcy'), _negated=True), ('status', '')), _connector='OR'), name='circumstance_status_of_bankruptcy'),
        ),
        migrations.AddConstraint(
            model_name='circumstance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['residence', 'present_place']), models.Q(models.Q(('country', ''), _negated=True), models.Q(('zone', ''), _negated=True), models.Q(('place', ''), _negated=True), _connector='OR')), models.Q(models.Q(('kind__in', ['residence', 'present_place']), _negated=True), ('country', ''), ('place', ''), ('region', ''), ('zone', '')), _connector='OR'), name='circumstance_place_of_places'),
        ),
        migrations.AddConstraint(
            model_name='circumstance',
            constraint=models.CheckConstraint(condition=models.Q(('place__in', ['', 'home', 'work'])), name='circumstance_place_known'),
        ),
        migrations.AddConstraint(
            model_name='circumstance',
            constraint=models.CheckConstraint(condition=models.Q(('region', ''), ('region__startswith', models.F('country')), _connector='OR'), name='circumstance_region_of_country'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['due_at'], name='complaint_due'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('category__in', ['conduct', 'frequency', 'times', 'third_party', 'privacy', 'amount', 'identity', 'service', 'other'])), name='complaint_category_known'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='complaint_closed_after_received'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gte', models.F('received_at'))), name='complaint_due_after_received'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('ended_at__isnull', True)), models.Q(('answer__in', ['upheld', 'partly', 'rejected', 'withdrawn']), ('ended_at__isnull', False)), _connector='OR'), name='complaint_closed_with_answer'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['times', 'more_calls', 'address', 'machine', 'agreed_times', 'agreed_frequency', 'only_time', 'court'])), name='consent_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='consent_revoked_after_given'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gte', models.F('received_at')), _connector='OR'), name='consent_until_after_given'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['times', 'more_calls', 'address', 'machine']), _negated=True), ('directly_to__isnull', False), _connector='OR'), name='consent_says_to_whom'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'address'), _negated=True), ('contact_point__isnull', False), _connector='OR'), name='consent_names_its_address'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'agreed_times'), _negated=True), models.Q(('windows', []), _negated=True), _connector='OR'), name='consent_names_its_times'),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['due_at'], name='dispute_due'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('category__in', ['not_mine', 'paid', 'amount', 'identity_theft', 'time_barred', 'credit_report', 'first_creditor', 'other'])), name='dispute_category_known'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='dispute_closed_after_received'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gte', models.F('received_at'))), name='dispute_due_after_received'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('ended_at__isnull', True)), models.Q(('answer__in', ['verified', 'corrected', 'accepted', 'withdrawn']), ('ended_at__isnull', False)), _connector='OR'), name='dispute_closed_with_answer'),
        ),
        migrations.AddConstraint(
            model_name='hardship',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['income', 'illness', 'disaster', 'family', 'instalment', 'other'])), name='hardship_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='hardship',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='hardship_ended_after_begun'),
        ),
        migrations.AddConstraint(
            model_name='hardship',
            constraint=models.CheckConstraint(condition=models.Q(('until_on__isnull', True), ('until_on__gte', models.F('from_on')), _connector='OR'), name='hardship_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['attorney', 'executor', 'guardian', 'parent', 'debt_adviser', 'agent'])), name='representation_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='representation_ended_after_begun'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['opt_out', 'cease_request', 'inconvenient_times', 'inconvenient_place', 'reasonable_times', 'employer', 'refusal', 'breathing_space', 'sensitive_occasion'])), name='stop_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='stop_withdrawn_after_received'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(('from_on__isnull', True), ('until_on__isnull', True), ('until_on__gte', models.F('from_on')), _connector='OR'), name='stop_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['inconvenient_times', 'reasonable_times']), _negated=True), models.Q(('windows', []), _negated=True), _connector='OR'), name='stop_names_its_times'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'inconvenient_place'), ('place__in', ['home', 'work'])), models.Q(models.Q(('kind', 'inconvenient_place'), _negated=True), ('place', '')), _connector='OR'), name='stop_names_its_place'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'breathing_space'), _negated=True), models.Q(('from_on__isnull', False), ('until_on__isnull', False)), _connector='OR'), name='stop_breathing_space_ends'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'cease_request'), _negated=True), models.Q(('medium', ''), _negated=True), _connector='OR'), name='stop_cease_has_medium'),
        ),
        migrations.AddConstraint(
            model_name='vulnerability',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__gte', models.F('received_at')), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='vulnerability_ended_after_begun'),
        ),
        migrations.RunSQL(ATTEMPTS, ATTEMPTS_BACK),
        migrations.RunSQL(UNSAMPLED, migrations.RunSQL.noop),
    ]
