"""What to do about a scored mention: an alert, how urgent, due when; which mentions are one problem; when it rings.

Pure functions of data and `now`. `decide` turns one `Candidate` into a decision or none.

**A stream.** `advance.advance(state, batch, now, policy) -> (state, decisions)`: the batch are `Sighting`s (a scored
mention of one brand; of two brands two), in any order; the given state stays as it was. `State.to_plain` gives JSON,
`State.from_plain` the same state again, which goes on as if nothing had been; a state of another version is refused
with ValueError, then start with `State()` and give it the last weeks again. `Policy` holds the budget of false alarms
per brand and week and the cap over all brands. The caller must: give each mention once its verdict is known, soon after
it came (up to six hours late it still counts, later it can only join an incident of its time; what is dated over five
minutes ahead of `now` is left out and has to be given again); call it with an empty batch now and then, for incidents
to end; save state and decisions in one transaction. An incident is known by (brand, number); a mention by its `key`.
The text and the cause's probabilities are needed only where `surges.brand.is_read(key, complaint)`.

**Decisions** (incidents.news), in the order in which they are to be carried out, each with brand, incident, at:
`Opened` (title, cause: an incident that did not ring is for the record, nobody is told) · `Joined`, `Left` (flagged
members; a mention is in one incident at most, `Left` comes before it joins another) · `Retitled` · `Rang` (the alarm,
once an incident, with `surge`: why: expected and observed counts, how improbable, terms, sources, authors, first
mentions, the share of copies by `campaign`, and `cold` where there is too little history for more than a guess) ·
`Escalated` (level: members beyond incident.LEVELS) · `Ended` · `Reopened` (no second alarm) · `Merged`.

**People.** incidents.acts: `merge`, `split`, `rename`, `close`, `reopen`; each takes the state and gives the new one
and decisions to carry out like any other. What people decided sticks (must-link and cannot-link between mentions) and
draws later mentions along. Triage forgets an incident a day after its last mention: acts on it change nothing here and
give no decisions, so the store alone has to be changed.

`spread` forecasts how far a post will go.
"""
