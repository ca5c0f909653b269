"""The shapes of figures: their definitions, answers, comparisons, forecasts, staffing and people."""

from __future__ import annotations

from typing import Any

from ringbook.web.api.schemas import Shape


class Column(Shape):
    """A value that every row of a figure has."""

    name: str
    kind: str


class FigureAbout(Shape):
    """A figure with its definition; `formula` by variant. `chosen` is the version of the choice here, null: as usual."""

    figure: str
    title: str
    group: str
    version: int
    formula: dict[str, str]
    variant: str | None
    chosen: int | None
    threshold_s: float | None
    threshold_means: str | None
    short_s: float | None
    by: list[str]
    usual_by: str | None
    columns: list[Column]
    headline: str
    unit: str
    better: str
    left_out: list[str]
    notes: list[str]
    chart: str


class Figures(Shape):
    """All figures."""

    items: list[FigureAbout]


class Figure(Shape):
    """A figure for some calls: `rows` has one row for each part, `total` the whole, `calls_query` finds the calls behind it."""

    figure: str
    title: str
    version: int
    formula: str
    variant: str | None
    threshold_s: float | None
    short_s: float | None
    chosen: int | None
    zone: str
    hours: str
    query: str
    by: str | None
    period: list[str | None]
    calls_query: str
    columns: list[Column]
    headline: str
    rows: list[dict[str, Any]]
    more: bool
    total: dict[str, Any]
    excluded: dict[str, int]
    sample: int
    small_sample: bool
    notes: list[str]


class FigureChange(Shape):
    """A value against another; null is not known. `ratio` 0.1 is a tenth more; `enough`: both rest on enough calls to say so."""

    this: float | None
    other: float | None
    difference: float | None
    ratio: float | None
    enough: bool


class FigurePart(Shape):
    """One part in both; null where one of them does not have it."""

    label: str
    other_label: str
    this: dict[str, Any] | None
    other: dict[str, Any] | None
    change: FigureChange


class FigureComparison(Shape):
    """A figure beside the same of another period or question, as a whole and in each part."""

    this: Figure
    other: Figure
    this_label: str
    other_label: str
    headline: str
    change: FigureChange
    rows: list[FigurePart]


class ExpectedHour(Shape):
    """One hour to come: the calls expected, and between which numbers they will lie in four cases out of five."""

    at: str
    calls: float
    low: float
    high: float


class Forecast(Shape):
    """The hours of the coming weeks. Without `enough` history there are none, and `needed` says what is missing.

    `error_wape` is what the forecast was off by when it was tried on past weeks / the calls there were; `coverage` the share of
    their hours that lay within the interval.
    """

    enough: bool
    needed: str
    weeks: int
    zone: str
    query: str
    history: list[str | None]
    history_calls: int
    method: str
    error_wape: float | None
    error_wape_as_last_week: float | None
    error_text: str
    coverage: float | None
    interval: float
    hours: list[ExpectedHour]
    notes: list[str]


class StaffingAsked(Shape):
    """What is to be staffed for. Shares are from 0 to 1."""

    calls: float
    interval_s: float
    aht_s: float
    target_share: float
    within_s: float
    patience_s: float | None
    shrinkage_share: float
    max_occupancy_share: float | None


class StaffingOutcome(Shape):
    """What a number of agents gives on average; null is without bound, or not told by the model."""

    agents: int
    wait_share: float
    service_level_share: float
    asa_s: float | None
    wait_of_waiting_s: float | None
    occupancy_share: float
    abandonment_share: float | None


class StaffingOption(Shape):
    """One number of agents and what it gives; not `stable`: the queue grows without end."""

    agents: int
    scheduled_agents: int
    target_reached: bool
    cap_kept: bool
    stable: bool
    outcome: StaffingOutcome


class StaffingPlan(Shape):
    """The answer by one model, `erlang_a` or `erlang_c`, with one agent fewer, and one and two more."""

    model: str
    agents: int
    agents_for_target: int
    scheduled_agents: int
    options: list[StaffingOption]


class Staffing(Shape):
    """How many agents a service level takes, with the formulas filled in and what to be careful about."""

    question: StaffingAsked
    load_erlang: float
    model: str
    agents: int
    scheduled_agents: int
    service_level_share: float
    asa_s: float | None
    occupancy_share: float
    abandonment_share: float | None
    erlang_c: StaffingPlan
    erlang_a: StaffingPlan | None
    formulas: list[str]
    cautions: list[str]


class StaffingWanted(Shape):
    """What the service is to be; without `aht_s`, the handling time of the last weeks is taken."""

    target_share: float
    within_s: float
    aht_s: float | None
    patience_s: float | None
    shrinkage_share: float
    max_occupancy_share: float | None


class StaffingHalfHour(Shape):
    """One half hour to come; `logged_in` is how many agents were, on average, in that half hour of the last weeks."""

    at: str
    calls: float
    low: float
    high: float
    agents_c: int | None
    agents_a: int | None
    agents: int | None
    scheduled: int | None
    service_level: float | None
    occupancy: float | None
    asa_s: float | None
    logged_in: float | None


class StaffingWeeks(Shape):
    """The agents that each half hour of the coming weeks takes, and the forecast that they are for."""

    wanted: StaffingWanted
    aht_s: float | None
    aht_from: str
    model: str
    rows: list[StaffingHalfHour]
    forecast: Forecast
    notes: list[str]


class PeopleSpread(Shape):
    """How the values of all agents are spread, without telling whose."""

    people: int
    lowest_quarter: float
    median: float
    highest_quarter: float


class PeopleFigures(Shape):
    """What each agent did whom the asker may see, and the spread of all agents by measure; null where they are too few."""

    zone: str
    query: str
    period: str
    rows: list[dict[str, Any]]
    spread: dict[str, PeopleSpread | None]
    own: bool
    notes: list[str]
