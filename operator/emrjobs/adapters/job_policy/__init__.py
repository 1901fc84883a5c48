"""EmrJobPolicies and namespaces at the API server."""
