"""Who may run what: whether a policy allows a request, and what it supplies. Pure."""
