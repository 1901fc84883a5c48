-- Health of an EmrJobRun, read from its conditions.
local health = { status = "Progressing", message = "Waiting for the operator" }
local metadata, status = obj.metadata or {}, obj.status or {}

local told = {}
for _, condition in ipairs(status.conditions or {}) do
  if condition.status == "True" then
    told[condition.type] = condition.message or ""
  end
end

if metadata.deletionTimestamp ~= nil then
  -- Argo CD asks only while its own finalizer holds a hook: then the end of the hook still counts.
  if told.Finished == nil then
    health.message = "Being deleted; the run ends first"
    return health
  end
elseif status.observedGeneration ~= metadata.generation then
  return health
end

if told.Complete ~= nil then
  health.status, health.message = "Healthy", told.Complete
elseif told.Failed ~= nil then
  health.status, health.message = "Degraded", told.Failed
elseif told.Stalled ~= nil then
  health.status, health.message = "Degraded", told.Stalled
elseif told.Suspended ~= nil then
  health.status, health.message = "Suspended", told.Suspended
elseif told.Reconciling ~= nil then
  health.message = (status.state or "Reconciling") .. ": " .. told.Reconciling
end
return health
