-- Cancels the run for good. This cannot be taken back.
obj.spec.cancel = true
return obj
