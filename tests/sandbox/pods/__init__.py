"""The pod runner: it plays scheduler and kubelet, and runs each container as a process of this machine.

Played with the kernel's namespaces: a root of its own (read-only where asked), its own loopback and ports, process 1,
user and groups, capabilities, volumes (emptyDir, ConfigMap, Secret, projected, downward API), tokens from TokenRequest,
services, probes over HTTP or as a connection, restarts, grace, deadlines, logs, taints, anti-affinity and spread.
Not played: network policies, limits of resources, seccomp, other probes, hooks of containers, sidecars; what asks for
one of the last three gets CreateContainerConfigError. As a user who is not root, containers all run as that user.
"""
