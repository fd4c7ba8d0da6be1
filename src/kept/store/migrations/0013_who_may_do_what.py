"""Limits, times and reasons of grants; keys of programs; approvals; timed access of staff.

Safe while old code runs: new columns have defaults in the database. Sessions end once, since what
they are signed over changed.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    deployment = "before"
    dependencies = [
        ("store", "0012_rotated_hashes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateTimeField(blank=True, null=True, verbose_name="valid from"),
                ),
                (
                    "valid_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "prefix",
                    models.CharField(max_length=16, unique=True, verbose_name="begins with"),
                ),
                ("secret_hash", models.BinaryField(max_length=32)),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=48),
                        size=None,
                        verbose_name="permissions",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last used"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
                ("revoked_by", models.CharField(blank=True, default="", max_length=150)),
            ],
            options={
                "verbose_name": "API key",
                "verbose_name_plural": "API keys",
                "db_table": "api_keys",
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                ("subject", models.CharField(max_length=48)),
                ("amount_minor", models.BigIntegerField(null=True, verbose_name="amount")),
                ("currency", models.CharField(blank=True, default="", max_length=3)),
                ("command", models.JSONField()),
                ("command_hash", models.BinaryField(max_length=32)),
                ("levels", models.JSONField()),
                ("reason", models.TextField(verbose_name="reason")),
                ("requester", models.CharField(max_length=150, verbose_name="requested by")),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                ("expires_at", models.DateTimeField(verbose_name="until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                            ("expired", "expired"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "db_table": "approvals",
            },
        ),
        migrations.CreateModel(
            name="ApprovalPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                (
                    "currency",
                    models.CharField(blank=True, default="", max_length=3, verbose_name="currency"),
                ),
                (
                    "up_to_minor",
                    models.BigIntegerField(
                        blank=True,
                        help_text="in minor units; none: without end",
                        null=True,
                        verbose_name="up to",
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(verbose_name="level")),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("collector", "collector"),
                            ("team_lead", "team_lead"),
                            ("manager", "manager"),
                            ("compliance_officer", "compliance_officer"),
                            ("quality_reviewer", "quality_reviewer"),
                            ("auditor", "auditor"),
                            ("administrator", "administrator"),
                            ("cashier", "cashier"),
                            ("approver", "approver"),
                            ("agency_user", "agency_user"),
                            ("field_collector", "field_collector"),
                            ("legal_officer", "legal_officer"),
                            ("data_scientist", "data_scientist"),
                        ],
                        default="",
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval policy",
                "verbose_name_plural": "approval policies",
                "db_table": "approval_policies",
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(verbose_name="level")),
                ("answer", models.BooleanField(verbose_name="answer")),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
            ],
            options={
                "db_table": "decisions",
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "delegation",
                "verbose_name_plural": "delegations",
                "db_table": "delegations",
            },
        ),
        migrations.CreateModel(
            name="StaffAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(max_length=32, verbose_name="role")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                ),
                ("closed_by", models.CharField(blank=True, default="", max_length=150)),
            ],
            options={
                "verbose_name": "staff access",
                "verbose_name_plural": "staff accesses",
                "db_table": "staff_accesses",
            },
        ),
        migrations.CreateModel(
            name="StaffAccessUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("used_at", models.DateTimeField()),
            ],
            options={
                "db_table": "staff_access_uses",
            },
        ),
        migrations.RemoveConstraint(
            model_name="rolegrant",
            name="role_grant_once",
        ),
        migrations.AddField(
            model_name="creditor",
            name="needs_access",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="roles for all creditors do not hold here: staff ask for timed access",
                verbose_name="closed to staff",
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="agency",
            field=models.ForeignKey(
                blank=True,
                help_text="only what is dealt to the seats of its teams, while it has a mandate",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.legalentity",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="granted_by",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=150, verbose_name="by"
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="product",
            field=models.ForeignKey(
                blank=True,
                help_text="a product of the creditor; none: all of them",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.product",
                verbose_name="portfolio",
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="reason"
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="team",
            field=models.ForeignKey(
                blank=True,
                help_text="only what is dealt to its seats",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.team",
                verbose_name="team",
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="valid_from",
            field=models.DateTimeField(blank=True, null=True, verbose_name="valid from"),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="valid_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
        ),
        migrations.AddField(
            model_name="team",
            name="legal_entity",
            field=models.ForeignKey(
                blank=True,
                help_text="whose people they are; none: the house's own",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="teams",
                to="store.legalentity",
                verbose_name="legal entity",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="sessions_ended",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.UniqueConstraint(
                fields=("user", "role", "creditor", "product", "team", "agency"),
                name="role_grant_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_from__isnull", True),
                    ("valid_until__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="role_grant_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("product__isnull", True), ("creditor__isnull", False), _connector="OR"
                ),
                name="role_grant_portfolio_of_a_creditor",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="agency",
            field=models.ForeignKey(
                blank=True,
                help_text="only what is dealt to the seats of its teams, while it has a mandate",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.legalentity",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="creditor",
            field=models.ForeignKey(
                blank=True,
                help_text="none: all of them",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.creditor",
                verbose_name="creditor",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="product",
            field=models.ForeignKey(
                blank=True,
                help_text="a product of the creditor; none: all of them",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.product",
                verbose_name="portfolio",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="team",
            field=models.ForeignKey(
                blank=True,
                help_text="only what is dealt to its seats",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.team",
                verbose_name="team",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="case",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.case",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="creditor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="approvals",
                to="store.creditor",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="approvalpolicy",
            name="creditor",
            field=models.ForeignKey(
                blank=True,
                help_text="none: all that have none of their own",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="store.creditor",
                verbose_name="creditor",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="approval",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="store.approval",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="on_behalf_of",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="from_user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="for",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="to_user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decides",
            ),
        ),
        migrations.AddField(
            model_name="staffaccess",
            name="approval",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.approval",
            ),
        ),
        migrations.AddField(
            model_name="staffaccess",
            name="creditor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accesses",
                to="store.creditor",
                verbose_name="creditor",
            ),
        ),
        migrations.AddField(
            model_name="staffaccess",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accesses",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AddField(
            model_name="staffaccessuse",
            name="access",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="uses",
                to="store.staffaccess",
            ),
        ),
        migrations.AddField(
            model_name="staffaccessuse",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.case"
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("name",),
                name="api_key_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("product__isnull", True), ("creditor__isnull", False), _connector="OR"
                ),
                name="api_key_portfolio_of_a_creditor",
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["-id"], name="approval_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["open", "approved", "refused", "withdrawn", "expired"])
                ),
                name="approval_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True), ("settled_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="approval_settled_at_an_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("kind", "command_hash"),
                name="approval_asked_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalpolicy",
            constraint=models.UniqueConstraint(
                fields=("kind", "creditor", "currency", "up_to_minor", "level", "role"),
                name="approval_policy_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", 0), ("role", "")),
                    models.Q(
                        ("level__gte", 1), ("level__lte", 5), models.Q(("role", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="approval_policy_level_has_a_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("up_to_minor__isnull", True),
                    models.Q(("up_to_minor__gt", 0), models.Q(("currency", ""), _negated=True)),
                    _connector="OR",
                ),
                name="approval_policy_amount_has_a_currency",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("approval", "level"), name="decision_once_a_level"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("approval", "user"), name="decision_once_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_behalf_of__isnull", True),
                    models.Q(("on_behalf_of", models.F("user")), _negated=True),
                    _connector="OR",
                ),
                name="decision_for_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="delegation_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_user", models.F("to_user")), _negated=True),
                name="delegation_to_somebody_else",
            ),
        ),
        migrations.AddIndex(
            model_name="staffaccess",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["ends_at"],
                name="staff_access_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="staff_access_times_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffaccessuse",
            constraint=models.UniqueConstraint(
                fields=("access", "case"), name="staff_access_use_once"
            ),
        ),
    ]
