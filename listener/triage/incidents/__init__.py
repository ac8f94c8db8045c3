"""Mentions of one problem, over sources and the three languages, found as they come.

`concepts` and `words` say what a mention is about in terms that languages share; `marks` keeps mentions as columns of
numbers; `kernels` says how much more alike two mentions are than two of the brand's ordinary complaints; `grouping`
shares unhappy mentions out between incidents and ordinary days; `titles` names an incident in its own words; `acts`
is what people do to incidents: merge, split, rename, close, reopen.
"""
