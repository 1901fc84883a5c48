"""The roles of docs/security.md, each acted with real RBAC: later features are held to them."""
