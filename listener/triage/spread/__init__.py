"""How far will it spread? From a post's shares over time to its final size, with an interval.

`observe` reads what was known at a moment, `forecast` (or `forecast_all`) says the final size and those within 1, 6 and
24 hours, `outlook` what an answer might change. `forecast_totals` is for platforms that tell only how many shares there
are.

The forecast rests on a self-exciting point process in the manner of SEISMIC, told apart by who shared from whom and
timed by a clock that slows at night, and on how the counts grew; a forest weighs all of it. It answers with the size
that most probably comes close. Fitted on public Weibo cascades (`fitted.json` says which); of a post's text only its
look counts (length, marks, a link), not its words.
"""

from __future__ import annotations

from listener.triage.spread.cascade import Cascade, Observed, observe
from listener.triage.spread.forecast import Forecast, Size, forecast, forecast_all
from listener.triage.spread.silence import REPLY, Effect, Outlook, outlook
from listener.triage.spread.totals import PRIORS, Total, forecast_totals

__all__ = [
    "PRIORS",
    "REPLY",
    "Cascade",
    "Effect",
    "Forecast",
    "Observed",
    "Outlook",
    "Size",
    "Total",
    "forecast",
    "forecast_all",
    "forecast_totals",
    "observe",
    "outlook",
]
