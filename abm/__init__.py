"""The town that lives: residents and households as columns, decisions as compiled rules, one year at a time.

A newcomer reads `year.py` first: the year from top to bottom. Around it stand, in the order in which each may use
the ones before it, `reading` (files), `known` (figures), `people` (columns and verbs), `decisions` (who does what),
`founding` (the town at its start), `forecast` (rates by year), `levels` (the reference arm), `steps` (what a year does
in one go), `alignment.py` (what makes it meet its scenario), `simulation.py` (one run), `followed` (a life that is
told) and `model.py` (Mesa's face).
"""
