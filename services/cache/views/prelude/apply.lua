-- Applying one record, and those that waited for it. An error throws, and the whole part is lost with it.

-- A late record does not take back what a later one said.
local function is_late(record)
  local previous = not record.deleted and record.previous
  if not previous then return false end
  if record.event_time and previous.event_time then return record.event_time < previous.event_time end
  return record.arrival < previous.arrival
end

-- What became of it, if that is not just "applied", and the flags that its view gave it. A refusal is thrown
-- before anything has been written.
local function apply_record(record)
  local kind = record.kind
  if kind.ordered and is_late(record) then return "late" end
  current, run.changes_before = kind, run.changes
  local result = kind.apply(record, kind.context)
  if not result or not result.keep_previous then
    run.records[kind.name][record.full_key] = not record.deleted and record.text
  end
  if run.family_refused > 0 then forget_refused(kind, record.key) end
  return record.deleted and "deleted", result and result.flags
end

-- Whether that was a refusal; throws what it was instead.
local function keep_if_refused(record, thrown)
  if type(thrown) ~= "table" or not thrown.refused then error(thrown, 0) end
  forget_refused(record.kind, record.key)
  keep_refused(record, thrown)
  run.family_refused = run.family_refused + 1
end

-- Applies one that has waited. If it fails that is not the fault of the part that brought what it waited for:
-- the call is made again with this one barred.
local function wake_record(member)
  local kind_name, key = string.match(member, "^(%S+) (.*)$")
  local kind = kinds[kind_name]
  local record = refused_record(kind, key)
  if not record then return false end
  forget_refused(kind, key)
  if run.barred[member] then
    keep_refused(record, {refused = run.barred[member]})
    return false
  end
  local done, outcome = pcall(apply_record, record)
  if done then return not outcome end
  done, outcome = pcall(keep_if_refused, record, outcome)
  if done then return false end
  run.culprit = {member = member, reason = tostring(outcome)}
  error(outcome, 0)
end

-- Applies all that waited for this record, and for those in turn.
local function wake_for(record)
  local kind = record.kind
  local arrived = {kind.name .. " " .. record.key}
  while #arrived > 0 do
    local kind_name, key = string.match(table.remove(arrived), "^(%S+) (.*)$")
    for _, member in ipairs(waiting_for(kinds[kind_name], key)) do
      if wake_record(member) then arrived[#arrived + 1] = member end
    end
  end
end
