"""Warnings beside rejects, and sequences that a quarantined file gives back.

A corrected file comes with new bytes, so under a new file id, but under the sequence of the file
that it corrects.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0003_case_gathered")]
    operations = [
        migrations.AddField(
            "intakereject",
            "severity",
            models.CharField(
                "severity",
                max_length=8,
                choices=[("reject", "row not taken"), ("warning", "row taken without the value")],
                default="reject",
            ),
        ),
        migrations.RemoveConstraint("intakefile", "intake_sequence_once"),
        migrations.AddConstraint(
            "intakefile",
            models.UniqueConstraint(
                fields=["creditor", "file_type", "sequence"],
                condition=models.Q(sequence__isnull=False)
                & ~models.Q(state__in=["dry_run", "quarantined"]),
                name="intake_sequence_once",
            ),
        ),
        migrations.AlterField(
            "intakefile",
            "state",
            models.CharField(
                "state",
                max_length=12,
                choices=[
                    ("received", "received"),
                    ("checked", "checked"),
                    ("profiled", "profiled"),
                    ("applied", "applied"),
                    ("acknowledged", "acknowledged"),
                    ("waiting", "waiting for an earlier file"),
                    ("quarantined", "in quarantine"),
                    ("skipped", "skipped by a person"),
                    ("dry_run", "tried only"),
                ],
                default="received",
            ),
        ),
    ]
