-- Lets it run: a new attempt if one was cancelled by suspend.
obj.spec.suspend = false
return obj
