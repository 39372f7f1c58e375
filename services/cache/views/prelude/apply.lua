-- Applying one record. An error throws, and all that it was about is lost with it.

-- What became of it, if that is not just "applied", and the flags that its view gave it. A refusal is thrown
-- before anything has been written. Whatever the kind, one that is late does not take the place of what is newer.
local function apply_record(record)
  local kind, latest = record.kind, record.latest
  record.late = latest ~= nil and is_older(record, latest)
  if record.late and kind.ordered then return "late" end
  current, run.changes_before = kind, run.changes
  local result = kind.apply(record, kind.context)
  if not record.late and not (result and result.keep_previous) then
    run.records[kind.name][record.full_key] = record.text
  end
  if run.family_refused > 0 then forget_older(record) end
  return record.late and "late" or record.deleted and "deleted", result and result.flags
end

-- What became of one that was refused; throws what it was instead. One that is late need not wait.
local function keep_if_refused(record, thrown)
  if type(thrown) ~= "table" or not thrown.refused then error(thrown, 0) end
  if record.late or not forget_older(record) then return "late" end
  keep_refused(record, thrown)
  run.family_refused = run.family_refused + 1
  return "refused"
end

local LONGEST_REASON = 300

-- A message of Lua, which quotes code and not data, as one line.
local function as_reason(fault)
  return (string.gsub(string.sub(tostring(fault), 1, LONGEST_REASON), "%c", " "))
end
