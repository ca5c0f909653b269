"""Roles and what each may do: the one table that pages, API and tests go by."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """Something that a person or a token may do."""

    USE_PAGES = "use_pages"
    SEE_CALLS = "see_calls"
    SEE_EVIDENCE = "see_evidence"  # the raw records behind a call, and who looked at it
    EXPORT_CALLS = "export_calls"
    ANNOTATE = "annotate"
    LOG_CALLS = "log_calls"
    SEE_CONTACTS = "see_contacts"
    EDIT_CONTACTS = "edit_contacts"
    SEE_OVERVIEW = "see_overview"
    SHARE_VIEWS = "share_views"
    SEE_SOURCES = "see_sources"
    MANAGE_SOURCES = "manage_sources"
    MANAGE_SETTINGS = "manage_settings"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_TOKENS = "manage_tokens"
    SEE_AUDIT = "see_audit"
    LISTEN = "listen"  # to recordings of the calls that one sees
    DOWNLOAD_RECORDINGS = "download_recordings"
    UPLOAD_RECORDINGS = "upload_recordings"  # add recordings, and say of which call one is
    MAKE_EVIDENCE = "make_evidence"  # packs of calls with raw records and audio, signed
    HANDLE_REQUESTS = (
        "handle_requests"  # of people who want to be forgotten, or to know what is kept about them
    )
    ERASE = "erase"  # say yes to an erasure that somebody else asked for
    SEE_RETENTION = (
        "see_retention"  # the rules by which things are removed, what was removed, and what is held
    )
    MANAGE_RETENTION = "manage_retention"  # make such rules, and place and release holds
    SEE_COMPLETENESS = "see_completeness"  # which calls should have been recorded and were not
    MANAGE_RECORDING_POLICY = "manage_recording_policy"  # what is recorded, what never, who must be asked
    SEE_REPORTS = "see_reports"  # what is sent to whom, and when
    SEND_REPORTS = "send_reports"  # reports and alerts about the calls that one sees
    QUERY_SQL = "query_sql"  # ask in SQL over the calls that one sees, with whole numbers
    MASK_RECORDINGS = "mask_recordings"  # silence parts of recordings that may not be heard
    USE_STYLE = "use_style"


class Role(StrEnum):
    """What somebody is to the organisation; it decides what they may do and which calls they see."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"  # the calls of the teams they lead
    AGENT = "agent"  # their own calls
    AUDITOR = "auditor"  # sees everything, changes nothing
    INTEGRATION = "integration"  # a program, through the API


_ALL = frozenset(Right)
_DAILY = frozenset(
    {
        Right.USE_PAGES,
        Right.SEE_CALLS,
        Right.ANNOTATE,
        Right.LOG_CALLS,
        Right.SEE_CONTACTS,
        Right.EDIT_CONTACTS,
        Right.SEE_OVERVIEW,
        Right.LISTEN,
    }
)

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: _ALL,
    Role.ADMINISTRATOR: _ALL,
    Role.SUPERVISOR: _DAILY
    | {
        Right.EXPORT_CALLS,
        Right.SHARE_VIEWS,
        Right.SEE_EVIDENCE,
        Right.DOWNLOAD_RECORDINGS,
        Right.SEE_COMPLETENESS,
        Right.SEE_REPORTS,
        Right.SEND_REPORTS,
        Right.QUERY_SQL,
    },
    Role.AGENT: _DAILY,
    Role.AUDITOR: frozenset(
        {
            Right.USE_PAGES,
            Right.SEE_CALLS,
            Right.SEE_EVIDENCE,
            Right.EXPORT_CALLS,
            Right.SEE_CONTACTS,
            Right.SEE_OVERVIEW,
            Right.SEE_SOURCES,
            Right.SEE_AUDIT,
            Right.SEE_RETENTION,
            Right.SEE_COMPLETENESS,
            Right.SEE_REPORTS,
            Right.LISTEN,
            Right.MAKE_EVIDENCE,
            Right.QUERY_SQL,
        }
    ),
    Role.INTEGRATION: frozenset(
        {
            Right.SEE_CALLS,
            Right.SEE_EVIDENCE,
            Right.EXPORT_CALLS,
            Right.ANNOTATE,
            Right.LOG_CALLS,
            Right.SEE_CONTACTS,
            Right.EDIT_CONTACTS,
            Right.SEE_OVERVIEW,
            Right.SEE_SOURCES,
            Right.UPLOAD_RECORDINGS,
            Right.MASK_RECORDINGS,
            Right.QUERY_SQL,
        }
    ),
}
"""What each role may do."""

EVERY_CALL = frozenset({Role.OWNER, Role.ADMINISTRATOR, Role.AUDITOR, Role.INTEGRATION})
"""Roles that see all calls of the tenant; the others see those within their reach."""

PERSONAL = tuple(role for role in Role if role is not Role.INTEGRATION)
"""Roles that people can have."""
