"""The shapes of contacts and companies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ringbook.web.api.schemas import Sent, Shape


class CompanyName(Shape):
    """The company of a contact."""

    id: str
    name: str


class ContactNumber(Shape):
    """A number: in E.164 where it can be, and as it was written."""

    number: str
    raw: str
    label: str


class Numbers(Shape):
    """The numbers of a contact."""

    items: list[ContactNumber]


class Contact(Shape):
    """A person or a place that has numbers. `version` is what If-Match names; `owner` is a handle."""

    id: str
    name: str
    company: CompanyName | None
    title: str | None
    emails: list[str]
    numbers: list[ContactNumber]
    note: str | None
    labels: list[str]
    owner: str | None
    state: str
    version: int


class ContactPage(Shape):
    """Contacts by name."""

    items: list[Contact]
    next_cursor: str | None


Label = Literal["mobile", "work", "home", "fax", "other"]


class NumberSent(Sent):
    """A number as somebody writes it."""

    number: str = Field(min_length=1, max_length=80)
    label: Label = "other"


class NewNumber(NumberSent):
    """A number to add; `move` takes it from the contact that has it."""

    move: bool = False


class NewContact(Sent):
    """A contact to add."""

    name: str = Field("", max_length=200)
    company: str = Field("", max_length=200)
    title: str = Field("", max_length=120)
    emails: list[str] = Field([], max_length=50)
    numbers: list[NumberSent] = Field([], max_length=50)
    note: str = Field("", max_length=20_000)
    labels: list[str] = Field([], max_length=50)
    owner: str | None = Field(None, description="The handle of who looks after it.", max_length=60)
    move: bool = False


class ContactChange(Sent):
    """What changes about a contact; what is left out stays."""

    name: str | None = Field(None, max_length=200)
    company: str | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=120)
    emails: list[str] | None = Field(None, max_length=50)
    numbers: list[NumberSent] | None = Field(None, max_length=50)
    note: str | None = Field(None, max_length=20_000)
    labels: list[str] | None = Field(None, max_length=50)
    owner: str | None = Field(None, max_length=60)
    move: bool = False


class Company(Shape):
    """An organisation that contacts belong to; `contacts` is how many."""

    id: str
    name: str
    website: str | None
    note: str | None
    contacts: int


class CompanyPage(Shape):
    """Companies by name."""

    items: list[Company]
    next_cursor: str | None
