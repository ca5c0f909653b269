"""The addresses of contacts and companies."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.contacts import changing, companies, exporting, importing, views

urlpatterns = [
    path("contacts/", views.contacts, name="contacts"),
    path("contacts/new", changing.new, name="contact-new"),
    path("contacts/complete", views.complete, name="contacts-complete"),
    path("contacts/import", importing.begin, name="contacts-import"),
    path("contacts/import/<uuid:pk>/", importing.preview, name="contacts-import-preview"),
    path("contacts/import/<uuid:pk>/apply", importing.apply, name="contacts-import-apply"),
    path("contacts/import/<uuid:pk>/undo", importing.undo, name="contacts-import-undo"),
    path("contacts/export", exporting.export, name="contacts-export"),
    path("contacts/changes/<uuid:pk>/undo", changing.undo_change, name="contact-undo"),
    path("contacts/<uuid:pk>/", views.contact, name="contact"),
    path("contacts/<uuid:pk>/edit", changing.edit_contact, name="contact-edit"),
    path("contacts/<uuid:pk>/merge", changing.merge_contact, name="contact-merge"),
    path("contacts/<uuid:pk>/archive", changing.archive, name="contact-archive"),
    path("contacts/<uuid:pk>/delete", changing.delete, name="contact-delete"),
    path("companies/", companies.companies, name="companies"),
    path("companies/<uuid:pk>/", companies.company, name="company"),
    path("companies/<uuid:pk>/edit", companies.edit_company, name="company-edit"),
]
