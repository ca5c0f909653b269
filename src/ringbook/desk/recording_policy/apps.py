"""The app of the recording policy."""

from django.apps import AppConfig


class RecordingPolicyConfig(AppConfig):
    """Rules for recording, the do-not-record list, consent, countries, marks."""

    name = "ringbook.desk.recording_policy"
    label = "recording_policy"
