"""The API: all operations together."""

from __future__ import annotations

from ninja import NinjaAPI

from ringbook.web.api import (
    added,
    calls,
    consent,
    contacts,
    delivery,
    exports,
    figures,
    home,
    problems,
    recordings,
    sql,
    surveys,
)

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
    surveys.router,
    contacts.router,
    exports.router,
    recordings.router,
    figures.router,
    delivery.router,
    sql.router,
    home.sources,
    home.about,
):
    api.add_router("", router)
