"""The functions that a statement may call: those that compute from values, and reach neither files, network nor the engine.

Names are those of the engine, in lower case; an aggregate may carry the combinators ``If``, ``Distinct`` and ``OrNull``.
"""

from __future__ import annotations

AGGREGATES = frozenset(
    """
    count sum avg min max any anylast argmin argmax median quantile quantiles quantileexact quantilesexact quantiletdigest
    stddevpop stddevsamp varpop varsamp covarpop covarsamp corr uniq uniqexact uniqcombined groupuniqarray grouparray
    topk entropy skewpop kurtpop summap simplelinearregression
    """.split()
)
WINDOWS = frozenset(
    "row_number rank dense_rank percent_rank ntile lag lead laginframe leadinframe first_value last_value nth_value".split()
)
PLAIN = frozenset(
    """
    abs ceil ceiling floor round roundbankers trunc truncate sqrt exp log ln log2 log10 pow power sign greatest least mod modulo
    plus minus multiply divide intdiv negate intdivorzero isnan isfinite isnull isnotnull ifnull nullif coalesce assumenotnull
    tonullable if multiif and or not xor equals notequals less greater lessorequals greaterorequals between case

    lower upper lowerutf8 upperutf8 length char_length lengthutf8 substring substr substringutf8 left right leftutf8 rightutf8
    trim ltrim rtrim trimleft trimright trimboth concat concatwithseparator concat_ws replace replaceone replaceall
    replaceregexpone replaceregexpall regexp_replace position positioncaseinsensitive strpos startswith endswith like ilike
    notlike match extract splitbychar splitbystring empty notempty reverse leftpad rightpad lpad rpad format formatreadablesize
    formatreadabletimedelta multisearchany

    now now64 today yesterday todate todate32 todatetime todatetime64 todatetimeornull todateornull toyear toquarter tomonth
    todayofyear todayofmonth todayofweek tohour tominute tosecond tounixtimestamp tounixtimestamp64micro
    tounixtimestamp64milli fromunixtimestamp fromunixtimestamp64micro tostartofyear tostartofquarter tostartofmonth tostartofweek
    tostartofday tostartofhour tostartofminute tostartoffiveminutes tostartoffiveminute tostartoftenminutes
    tostartoffifteenminutes tostartofinterval tomonday toisoweek toisoyear toyyyymm toyyyymmdd totimezone timezoneof
    datediff date_diff dateadd date_add datesub date_sub datetrunc date_trunc dateformat formatdatetime addseconds addminutes
    addhours adddays addweeks addmonths addyears subtractseconds subtractminutes subtracthours subtractdays subtractweeks
    subtractmonths subtractyears tointervalsecond tointervalminute tointervalhour tointervalday tointervalweek
    tointervalmonth age makedate timeslot year quarter month day hour minute second dayofweek dayofmonth dayofyear week

    tostring toint8 toint16 toint32 toint64 touint8 touint16 touint32 touint64 tofloat32 tofloat64 todecimal32 todecimal64
    toint32ornull toint64ornull tofloat64ornull tofloat64orzero toint64orzero cast _cast accuratecastornull totypename

    array arrayjoin arraymap arrayfilter arraysum arrayavg arraymin arraymax arraycount arrayexists arrayall arrayfirst arraysort
    arrayreversesort arrayreverse arraydistinct arrayuniq arrayconcat arrayslice arrayelement arraystringconcat arrayzip
    arrayenumerate arraycumsum arrayindexof indexof has hasany hasall range tuple tupleelement map mapkeys mapvalues
    mapcontains hex unhex cityhash64 xxhash64 bar rownumberinallblocks runningdifference
    """.split()
)
SYNTAX = frozenset(
    """
    in and or not as over values on using by select distinct from where having union all except intersect with interval when
    then else end limit offset any exists between join nullable array tuple map datetime64 datetime decimal fixedstring
    lowcardinality string is case when qualify asc desc
    """.split()
)
"""Words after which a bracket may open that call nothing."""

_COMBINATORS = ("if", "distinct", "ornull", "ordefault")


def allowed(name: str) -> bool:
    """Whether a statement may call that function."""
    word = name.lower()
    return word in PLAIN or word in WINDOWS or _aggregate(word)


def _aggregate(word: str) -> bool:
    """Whether it is an aggregate, with combinators or without."""
    return word in AGGREGATES or any(
        word.endswith(ending) and _aggregate(word[: -len(ending)]) for ending in _COMBINATORS
    )
