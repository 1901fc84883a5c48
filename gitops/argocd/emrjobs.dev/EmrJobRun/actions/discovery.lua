-- What may be done to an EmrJobRun: nothing once it is over, cancelled or being deleted.
local spec, status = obj.spec or {}, obj.status or {}
local over = obj.metadata.deletionTimestamp ~= nil or spec.cancel == true
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Finished" and condition.status == "True" then
    over = true
  end
end
local suspended = spec.suspend == true

return {
  ["cancel"] = { ["disabled"] = over },
  ["suspend"] = { ["disabled"] = over or suspended },
  ["resume"] = { ["disabled"] = over or not suspended },
}
