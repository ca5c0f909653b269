"""What can be wrong with a job or a view.

::

    WorkspaceError (AskError)   something that the person who asked can put right
    ├── UnknownKindError        no kind of job has that name
    ├── JobStateError           that cannot be done to a job where it stands now
    ├── JobRightError           the owner of the job may not do this (any more)
    └── ViewError               the view cannot be kept so
"""

from __future__ import annotations

from ringbook.model.errors import AskError


class WorkspaceError(AskError):
    """Base of all errors about jobs and views; its text is made for the person who asked."""


class UnknownKindError(WorkspaceError):
    """No kind of job has that name."""


class JobStateError(WorkspaceError):
    """That cannot be done to a job where it stands now."""


class JobRightError(WorkspaceError):
    """The owner of the job may not do this (any more)."""


class ViewError(WorkspaceError):
    """The view cannot be kept so."""
