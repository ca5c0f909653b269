"""What the people of the demonstration have done, through the services that pages use: contacts, tags, outcomes, notes, tasks.

Called once, in the process that serves the home, after its people were made; names and numbers are fictitious.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

from ringbook.desk import wiring
from ringbook.desk.annotations import marks, notes, tasks, vocabulary
from ringbook.desk.annotations.acting import By
from ringbook.desk.directory import edit
from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.organisation.models import BusinessHours, OurNumber
from ringbook.desk.people.models import Person, Seat
from ringbook.desk.people.roles import Role
from ringbook.desk.workspace.models import SavedView
from ringbook.model.call import Call
from ringbook.model.scope import Scope
from ringbook.runtime.importing import now
from ringbook.runtime.simulation.company import Contact, northwind
from ringbook.search import pages

CONTACTS = 60
TAGS = ("vip", "complaint", "new customer", "reorder", "warranty")
OUTCOMES = (
    ("order", "Order placed", "Sales"),
    ("quote", "Quote asked for", "Sales"),
    ("solved", "Solved on the phone", "Support"),
    ("return", "Return agreed", "Support"),
    ("wrong-number", "Wrong number", "Other"),
)
COMPANIES = (
    *(
        "Abbott Dental",
        "Bright Smile Clinic",
        "Cedar Park Orthodontics",
        "Lakeview Dental",
        "Riverside Family Dentistry",
    ),
    *(
        "Summit Oral Care",
        "Harbor Dental Lab",
        "Maple Street Dentists",
        "Union Square Dental",
        "Oak Hill Clinic",
    ),
)
NOTES = (
    "Asked for the price of 40 boxes of nitrile gloves, size M. Promised a quote by tomorrow.",
    "The autoclave arrived with a dented door. Photos come by e-mail; @{lead} please look at the refund.",
    "Wants delivery on Tuesdays only. Changed it in the order.",
    "Second call about the missing invoice. Sent it again to the new address.",
    "Very happy with the new handpieces, will reorder next month.",
    "Could not reach the technician; call back in the afternoon.",
    "Asked whether the curing light has a warranty of two or three years.",
    "Agreed to return two cartons; the label goes out today.",
)
WEEKDAY = [[480, 1080]]  # 8:00 to 18:00


def furnish() -> None:
    """Make the home look as if people had worked in it for a while. Does nothing where somebody has."""
    owner = Person.objects.filter(role=Role.OWNER).order_by("joined_at").first()
    if owner is None or SavedView.objects.exists():
        return
    random = Random(11)
    by = By.of(owner)
    _describe(owner)
    _name_callers(by, random)
    _annotate(by, random)
    _save_views(owner)


def _describe(owner: Person) -> None:
    company = northwind()
    BusinessHours.objects.get_or_create(tenant=owner.tenant, defaults={"week": [WEEKDAY] * 5 + [[], []]})
    lines = [(company.number, "Main line"), *((queue.did, queue.name.title()) for queue in company.queues)]
    for number, label in lines:
        OurNumber.objects.get_or_create(tenant=owner.tenant, number=number, defaults={"label": label})


def _name_callers(by: By, random: Random) -> None:
    """Contacts for the most frequent callers, some with a second number."""
    callers = list(islice((caller for caller in northwind().contacts if caller.name), CONTACTS + 10))
    second = callers[CONTACTS:]
    for index, caller in enumerate(callers[:CONTACTS]):
        numbers = [NumberDraft(caller.number, "work")]
        if index < len(second):
            numbers.append(NumberDraft(second[index].number, "mobile"))
        edit.add_contact(by.actor, _contact(caller, numbers, random), move=True)


def _contact(caller: Contact, numbers: Sequence[NumberDraft], random: Random) -> ContactDraft:
    name = caller.name.title()
    company = random.choice(COMPANIES) if random.random() < 0.7 else ""
    mail = f"{name.lower().replace(' ', '.')}@example.com"
    title = random.choice(("Office manager", "Dentist", "Buyer", "")) if company else ""
    return ContactDraft(name=name, company=company, title=title, emails=(mail,), numbers=tuple(numbers))


def _annotate(by: By, random: Random) -> None:
    for index, name in enumerate(TAGS):
        vocabulary.save_tag(by, None, name, index + 1)
    for key, label, group in OUTCOMES:
        vocabulary.save_outcome(by, None, key, label, group)
    vocabulary.save_field(by, None, "order", "Order number", "text")
    vocabulary.save_field(by, None, "value", "Value in $", "number")
    agents = {seat.extension: seat.person for seat in Seat.objects.select_related("person")}
    leads = list(Person.objects.filter(role=Role.SUPERVISOR).order_by("joined_at"))
    for call in _calls("outcome:answered direction:inbound last:14d", 90):
        agent = next((agents[one.extension] for one in call.agents if one.extension in agents), None)
        _worked_on(By.of(agent) if agent else by, call, random, leads)
    for call in _calls("outcome:missed,abandoned,voicemail last:3d", 6):
        owner = random.choice(leads)
        due = datetime.now(UTC) + timedelta(hours=random.choice((-20, 3, 26, 50)))
        tasks.add_task(by, call.id, "Call back", owner, due)


def _worked_on(by: By, call: Call, random: Random, leads: Sequence[Person]) -> None:
    """What an agent puts down after a call: always how it ended, often a tag, sometimes a note."""
    sales = call.queue == "sales"
    key = random.choice(("order", "quote", "wrong-number") if sales else ("solved", "return", "solved"))
    marks.set_outcome_code(by, [call.id], key)
    if random.random() < 0.4:
        marks.tag(by, [call.id], [random.choice(TAGS)])
    if random.random() < 0.35:
        notes.add_note(by, call.id, random.choice(NOTES).replace("{lead}", leads[0].handle))
    if key == "order":
        marks.set_field(by, [call.id], "order", f"NW-{random.randrange(10_000, 99_999)}")
        marks.set_field(by, [call.id], "value", str(random.randrange(80, 4_000)))


def _calls(question: str, most: int) -> list[Call]:
    return list(islice(pages.iterate(wiring.ledger(), Scope(), question, now=now()), most))


def _save_views(owner: Person) -> None:
    views = (
        ("Lost in the queue", "outcome:abandoned wait:>60 last:30d"),
        ("Orders", "outcome-code:order"),
        ("Complaints", "tag:complaint"),
    )
    for position, (name, query) in enumerate(views):
        SavedView.objects.create(owner=owner, name=name, query=query, shared=True, position=position)
