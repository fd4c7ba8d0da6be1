"""Keys per person, seals, and events whose hash covers every column (0014_events_prove.sql).

The code of before cannot append to what this makes, so it comes after deployment. Events of the
earlier form are dropped: no released version wrote any.
"""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

DROP = """
DROP TRIGGER event_rows_only_grow ON events;
DROP FUNCTION kept_append_event, kept_event_link, kept_seal_leaf, kept_event_hash;
TRUNCATE events;
ALTER TABLE events DROP CONSTRAINT event_personal_with_its_key, DROP CONSTRAINT events_pkey,
    DROP COLUMN key_id, DROP COLUMN personal;
CREATE SEQUENCE events_id_seq;
ALTER TABLE events ADD COLUMN id bigint NOT NULL DEFAULT nextval('events_id_seq'),
    ADD PRIMARY KEY (recorded_at, id);
ALTER SEQUENCE events_id_seq OWNED BY events.id;
CREATE INDEX events_by_chain ON events (chain_id, chain_kind, sequence);
"""


class Migration(migrations.Migration):
    deployment = "after"
    dependencies = [("store", "0013_who_may_do_what")]
    operations = [
        migrations.RemoveField("eventhead", "recorded_at"),
        migrations.AddField("eventhead", "sealed_sequence", models.BigIntegerField(default=0)),
        migrations.AddField(
            "eventhead", "sealed_hash", models.BinaryField(max_length=32, null=True)
        ),
        migrations.CreateModel(
            "EventStart",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_kind",
                        "chain_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("chain_kind", models.CharField(max_length=8)),
                ("chain_id", models.BigIntegerField()),
                ("sequence", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={"db_table": "event_starts"},
        ),
        migrations.CreateModel(
            "Seal",
            [
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                ("tree_size", models.BigIntegerField(null=True, verbose_name="chains")),
                ("root", models.BinaryField(max_length=32, null=True)),
                ("seal_hash", models.BinaryField(max_length=32, null=True)),
                ("document", models.TextField(default="")),
            ],
            options={
                "db_table": "seals",
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(root__isnull=True, seal_hash__isnull=True, document="")
                        | Q(root__isnull=False, seal_hash__isnull=False),
                        name="seal_open_or_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "SealLeaf",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain_kind",
                        "chain_id",
                        "sequence",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("chain_kind", models.CharField(max_length=8)),
                ("chain_id", models.BigIntegerField()),
                ("sequence", models.BigIntegerField()),
                (
                    "seal",
                    models.ForeignKey(
                        db_index=False,
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.seal",
                    ),
                ),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={"db_table": "seal_leaves"},
        ),
        migrations.CreateModel(
            "PersonKey",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("related_person_id", models.BigIntegerField(null=True)),
                ("wrapped", models.BinaryField(null=True)),
                ("made_at", models.DateTimeField()),
                ("destroyed_at", models.DateTimeField(null=True)),
                (
                    "debtor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.debtor",
                    ),
                ),
            ],
            options={
                "db_table": "person_keys",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["debtor", "related_person_id"],
                        name="person_key_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                        | Q(wrapped__isnull=False, destroyed_at__isnull=True),
                        name="person_key_whole_or_destroyed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL, DROP),
    ]
