-- Cancels the run, or holds it back; resume starts the same request from its beginning.
obj.spec.suspend = true
return obj
