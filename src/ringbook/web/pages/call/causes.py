"""What the codes with which calls end mean, in words: Q.850 causes and SIP statuses."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Q850 = {
    1: gettext_lazy("The number is not assigned to anybody."),
    2: gettext_lazy("No route to the network that was asked for."),
    3: gettext_lazy("No route to the number."),
    16: gettext_lazy("One side hung up, as calls normally end."),
    17: gettext_lazy("The line was busy."),
    18: gettext_lazy("The phone did not respond at all: switched off, or unreachable."),
    19: gettext_lazy("It rang and nobody answered."),
    20: gettext_lazy("The phone is not registered."),
    21: gettext_lazy("The call was declined."),
    22: gettext_lazy("The number has changed."),
    23: gettext_lazy("The call was sent to another number."),
    26: gettext_lazy("Another phone of the group took the call."),
    27: gettext_lazy("The destination is out of order."),
    28: gettext_lazy("The number is incomplete or has a wrong form."),
    29: gettext_lazy("The network refused what was asked for."),
    31: gettext_lazy("An ending without a reason."),
    34: gettext_lazy("All lines were taken."),
    38: gettext_lazy("The network was out of order."),
    41: gettext_lazy("A passing failure of the network; trying again may help."),
    42: gettext_lazy("The switch had too much to do."),
    44: gettext_lazy("The channel that was asked for was not free."),
    47: gettext_lazy("Something that the call needed was not available."),
    50: gettext_lazy("The line has not been granted this service."),
    52: gettext_lazy("Outgoing calls are barred."),
    54: gettext_lazy("Incoming calls are barred."),
    57: gettext_lazy("The line may not do that."),
    58: gettext_lazy("The line can do that, but not now."),
    65: gettext_lazy("The network cannot do that."),
    79: gettext_lazy("The service is not offered."),
    88: gettext_lazy("The two sides cannot talk to one another: no common kind of call."),
    102: gettext_lazy("A timer ran out; usually nobody answered in time."),
    111: gettext_lazy("A mistake in signalling."),
    127: gettext_lazy("The networks did not tell why."),
}

SIP = {
    200: gettext_lazy("All went well."),
    302: gettext_lazy("The phone forwards to another number."),
    400: gettext_lazy("The request could not be understood."),
    401: gettext_lazy("The other side asked for a password."),
    403: gettext_lazy("The other side does not allow it."),
    404: gettext_lazy("The number does not exist there."),
    407: gettext_lazy("The proxy asked for a password."),
    408: gettext_lazy("No answer in time."),
    410: gettext_lazy("The number is gone for good."),
    415: gettext_lazy("No kind of media that the other side understands."),
    480: gettext_lazy("The phone could not be reached just then."),
    481: gettext_lazy("The other side did not know the call any more."),
    482: gettext_lazy("The call went round in a circle."),
    483: gettext_lazy("The call was passed on too many times."),
    484: gettext_lazy("The number is incomplete."),
    486: gettext_lazy("The line was busy."),
    487: gettext_lazy("The caller hung up before it was answered."),
    488: gettext_lazy("The two sides have no codec in common."),
    500: gettext_lazy("A failure of the other side's server."),
    502: gettext_lazy("A gateway got no good answer."),
    503: gettext_lazy("The other side could not take the call: overloaded, or closed."),
    504: gettext_lazy("A server did not answer in time."),
    600: gettext_lazy("Busy everywhere."),
    603: gettext_lazy("The call was declined."),
    604: gettext_lazy("The number exists nowhere."),
    607: gettext_lazy("The called party did not want the call."),
    608: gettext_lazy("Something on the way rejected the call."),
}


def q850(code: int | None) -> str:
    """What a Q.850 cause means; empty for none."""
    return "" if code is None else str(Q850.get(code) or _("A code without a common meaning."))


def sip(code: int | None) -> str:
    """What a SIP status means; empty for none."""
    return "" if code is None else str(SIP.get(code) or _("A status without a common meaning."))
