"""The API: all operations together."""

from __future__ import annotations

from ninja import NinjaAPI

from ringbook.web.api import added, calls, consent, contacts, exports, home, problems, recordings, sql

VERSION = "1"

api = NinjaAPI(
    title="Ringbook",
    version=VERSION,
    description="The call log: search it, look at calls, add to them, and stay up to date.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api-v1",
)
problems.handle(api)

for router in (
    calls.router,
    added.router,
    consent.router,
    contacts.router,
    exports.router,
    recordings.router,
    home.analysis,
    sql.router,
    home.sources,
    home.about,
):
    api.add_router("", router)
