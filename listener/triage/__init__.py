"""What to do about a scored mention: open an alert, how urgent, due when. Pure functions of data and `now`.

`decide` turns one `Candidate` into a decision or none; the pipeline reads candidates from the store and writes the
decisions back in one transaction. Incidents, surges and the spread forecast are not built yet: when they come, they
carry a state from batch to batch (`advance(state, batch, now) -> (state, decisions)`) around the same `decide`.
"""
