"""The members of the enumerations under names of their own, for code that runs for every record.

On Python 3.11 finding ``Outcome.ANSWERED`` costs as much as calling a function (a module's own name costs next to nothing), and
understanding and folding a call asks for such members a hundred times.
"""

from __future__ import annotations

from typing import Final

from ringbook.model.call import Direction, Outcome, StepKind
from ringbook.model.dialplan import AppKind
from ringbook.model.party import EndpointKind
from ringbook.model.statement import PathResult

END_IVR: Final = EndpointKind.IVR
END_OUTSIDE: Final = EndpointKind.OUTSIDE
END_PERSON: Final = EndpointKind.PERSON
END_PLUMBING: Final = EndpointKind.PLUMBING
END_UNKNOWN: Final = EndpointKind.UNKNOWN

APP_CALLED: Final = AppKind.CALLED
APP_CONFERENCE: Final = AppKind.CONFERENCE
APP_DIAL: Final = AppKind.DIAL
APP_PARK: Final = AppKind.PARK
APP_QUEUE: Final = AppKind.QUEUE
APP_VOICEMAIL: Final = AppKind.VOICEMAIL

DIRECTION_INBOUND: Final = Direction.INBOUND
DIRECTION_INTERNAL: Final = Direction.INTERNAL
DIRECTION_OUTBOUND: Final = Direction.OUTBOUND
DIRECTION_UNKNOWN: Final = Direction.UNKNOWN

OUTCOME_ABANDONED: Final = Outcome.ABANDONED
OUTCOME_ANSWERED: Final = Outcome.ANSWERED
OUTCOME_BUSY: Final = Outcome.BUSY
OUTCOME_CANCELLED: Final = Outcome.CANCELLED
OUTCOME_FAILED: Final = Outcome.FAILED
OUTCOME_MACHINE: Final = Outcome.MACHINE
OUTCOME_MISSED: Final = Outcome.MISSED
OUTCOME_REJECTED: Final = Outcome.REJECTED
OUTCOME_UNKNOWN: Final = Outcome.UNKNOWN
OUTCOME_VOICEMAIL: Final = Outcome.VOICEMAIL

RESULT_ANSWERED: Final = PathResult.ANSWERED
RESULT_BUSY: Final = PathResult.BUSY
RESULT_CANCELLED: Final = PathResult.CANCELLED
RESULT_CONGESTION: Final = PathResult.CONGESTION
RESULT_FAILED: Final = PathResult.FAILED
RESULT_NO_ANSWER: Final = PathResult.NO_ANSWER

STEP_ANSWERED: Final = StepKind.ANSWERED
STEP_ENDED: Final = StepKind.ENDED
STEP_FORWARDED: Final = StepKind.FORWARDED
STEP_PICKED_UP: Final = StepKind.PICKED_UP
STEP_QUEUED: Final = StepKind.QUEUED
STEP_RANG: Final = StepKind.RANG
STEP_RANG_NO_ANSWER: Final = StepKind.RANG_NO_ANSWER
STEP_RETRIEVED: Final = StepKind.RETRIEVED
STEP_STARTED: Final = StepKind.STARTED
STEP_TRANSFERRED: Final = StepKind.TRANSFERRED
