"""When complaints come faster than they should: what a brand's ordinary days look like, how improbable the recent
past is under that, and where the alarm rings so that a budget of false alarms is kept.

`background` learns rates by hour and weekday and turns time into *operational time*, in which an ordinary stream has
intensity one. `scan` finds the recent stretch that a sudden source of similar complaints explains best against the
ordinary stream (a log-likelihood ratio of gamma-Poisson counts with marks). `threshold` sets the level at which this
rings from the brand's own past peaks. `why` says what stands out.
"""
