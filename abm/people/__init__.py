"""People and households as columns: the verbs that change them, what must hold, and what is counted of them."""
