"""The log of calls: the table, its search, facets, views, and what is done with many calls at once."""
