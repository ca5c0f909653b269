"""A question and an access scope become a plan, and a plan becomes pages of calls."""
