"""The store and the entries of EmrJobRuns, by name."""

from emrjobs.core.job_run.memory import Memory
from emrjobs.core.job_run.resource import Resource
from emrjobs.runtime.store import Entry, Store

JobRunEntry = Entry[Resource, Memory]
JobRunStore = Store[Resource, Memory]
