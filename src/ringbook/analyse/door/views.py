"""The views that a statement may read: their columns, what they mean, and the tables they come from."""

from __future__ import annotations

import msgspec

from ringbook.model.call import Outcome
from ringbook.model.scope import Scope


class ViewColumn(msgspec.Struct, frozen=True):
    """A column: its name, its type, what it says, and how it is made from the table's columns."""

    name: str
    type: str
    says: str
    made_of: str = ""


class View(msgspec.Struct, frozen=True):
    """Something to read FROM. Rows of ``of_calls`` belong to a call and are seen by those who see the call."""

    name: str
    says: str
    table: str
    columns: tuple[ViewColumn, ...]
    call: str = ""  # the table's column that names the call, unless it is the table of calls
    condition: str = "1"

    def sql(self, scope: Scope) -> str:
        """A SELECT of the rows that a scope may see, for ``scoped``."""
        columns = ", ".join(f"{one.made_of or one.name} AS {one.name}" for one in self.columns)
        return f"SELECT {columns} FROM {self.table} WHERE {self._seen(scope)} AND {self.condition}"

    def _seen(self, scope: Scope) -> str:
        if self.table == "calls":
            return "{scope}"
        tenant = "tenant = {tenant:String}"
        if not (scope.restricted and self.call):
            return tenant
        return f"{tenant} AND {self.call} IN (SELECT toString(id) FROM calls WHERE {{scope}})"


def _text(name: str, says: str, made_of: str = "") -> ViewColumn:
    return ViewColumn(name, "String", says, made_of or f"toString({name})")


def _time(name: str, says: str, made_of: str = "", *, may_lack: bool = True) -> ViewColumn:
    return ViewColumn(
        name, "Nullable(DateTime64(6, 'UTC'))" if may_lack else "DateTime64(6, 'UTC')", says, made_of
    )


def _number(name: str, says: str, kind: str = "Nullable(Float64)", made_of: str = "") -> ViewColumn:
    return ViewColumn(name, kind, says, made_of)


VIEWS = {
    view.name: view
    for view in (
        View(
            "calls",
            "One row a call, as it stands now.",
            "calls",
            (
                _text("id", "The call's id."),
                _time("started_at", "When it began.", may_lack=False),
                _time("answered_at", "When a person answered; NULL: nobody did, or unknown."),
                _time("ended_at", "When it ended; NULL: unknown."),
                _text("direction", "inbound, outbound, internal or unknown."),
                _text(
                    "outcome", f"{', '.join(one for one in Outcome if one != Outcome.UNKNOWN)} or unknown."
                ),
                _text("hangup_by", "caller, callee, system or unknown."),
                _number("cause_q850", "Q.850 cause; NULL: none told.", "Nullable(UInt16)"),
                _number("cause_sip", "SIP status; NULL: none told.", "Nullable(UInt16)"),
                _text("from_number", "Who called: E.164 where it can be; empty: withheld or unknown."),
                _text("from_name", "The caller's name in the records."),
                _text("to_number", "Who was called."),
                _text("to_name", "The name of who was called in the records."),
                _text("dialled", "What was dialled."),
                ViewColumn("extensions", "Array(String)", "Every phone of ours that rang or talked."),
                ViewColumn(
                    "agents", "Array(String)", "Extensions of those who talked, in order.", "agent_extensions"
                ),
                ViewColumn("agent_names", "Array(String)", "Their names in the records."),
                ViewColumn(
                    "agent_talk_s",
                    "Array(Nullable(Float64))",
                    "Seconds that each of them talked.",
                    "arrayMap(x -> x / 1000, agent_talk_ms)",
                ),
                _text("queue", "The queue it came through; empty: none."),
                ViewColumn(
                    "trunks",
                    "Array(String)",
                    "The lines to the outside that it took, in order; empty: none told.",
                    "arrayMap(x -> toString(x), trunks)",
                ),
                _text("account", "Account code."),
                _text("cost", "Cost, as the source writes it."),
                _number("duration_s", "Seconds from start to end.", made_of="duration_ms / 1000"),
                _number(
                    "wait_s",
                    "Seconds until a person answered or the caller gave up.",
                    made_of="wait_ms / 1000",
                ),
                _number("ring_s", "Seconds of ringing.", made_of="ring_ms / 1000"),
                _number("talk_s", "Seconds of talk.", made_of="talk_ms / 1000"),
                _number("hold_s", "Seconds on hold.", made_of="hold_ms / 1000"),
                _number("transfers", "How often it was transferred.", "UInt16", "transfer_count"),
                _number("recordings", "How many recordings its records name.", "UInt16", "recording_count"),
                _number("mos", "Mean opinion score, as the source measured."),
                _number("pdd_s", "Post-dial delay in seconds."),
                _number("jitter_ms", "Jitter in milliseconds."),
                _number("loss_pct", "Packets lost, in percent."),
                ViewColumn(
                    "sources",
                    "Array(String)",
                    "The sources whose records tell of it.",
                    "arrayMap(x -> toString(x), sources)",
                ),
            ),
        ),
        View(
            "annotations",
            "One row a call to which people added something; what they wrote is in lower case.",
            "annotations",
            (
                _text("call", "The call's id."),
                _text("notes", "All notes, in lower case, one after the other."),
                ViewColumn("tags", "Array(String)", "Its tags."),
                _text("outcome_code", "Key of its outcome code; empty: none."),
                ViewColumn("assigned", "Array(String)", "Handles of those who have an open task."),
                _number("open_tasks", "Open tasks.", "UInt16"),
                ViewColumn("fields", "Map(String, String)", "Custom fields by key."),
            ),
            call="toString(call)",
        ),
        View(
            "numbers",
            "Whose numbers are: one row a number that a contact has.",
            "named_numbers",
            (
                _text("number", "E.164, or as calls have it."),
                _text("contact", "The contact's id."),
                _text("name", "The contact's name."),
                _text("company", "The contact's company; empty: none."),
            ),
            condition="contact != ''",
        ),
        View(
            "recordings",
            "Recordings in the vault that are joined to a call.",
            "recordings",
            (
                _text("id", "The recording's id."),
                _text("call", "The call's id.", "call"),
                _text("source", "The source that it came from."),
                _text("name", "The file's name."),
                _time("started_at", "When it began; NULL: unknown."),
                _time("received_at", "When the vault took it in.", may_lack=False),
                _text("sha256", "Hash of the original."),
                _number("bytes", "Bytes that it takes in the vault.", "UInt64"),
            ),
            call="call",
            condition="call != '' AND destroyed = 0",
        ),
    )
}
"""All views, by name."""


def texts() -> tuple[str, ...]:
    """What is said of the views and their columns. Pages say it in the reader's language."""
    told = (text for view in VIEWS.values() for text in (view.says, *(one.says for one in view.columns)))
    return tuple(dict.fromkeys(told))
