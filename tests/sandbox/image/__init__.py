"""The operator's image without a container engine: the Dockerfile read, and its steps done in namespaces."""
