"""Kept dashboards keep the calls that they are compared with and their business hours, too."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two texts, empty for dashboards kept before."""

    dependencies = [("dashboards", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="dashboard",
            name="other_query",
            field=models.CharField(blank=True, default="", max_length=2000),
        ),
        migrations.AddField(
            model_name="dashboard",
            name="hours",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
    ]
