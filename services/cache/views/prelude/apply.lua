-- Applying one record. An error throws, and all that it was about is lost with it.

-- The text of a record with what the views have filled in: behind its members, and of those it does not have.
local function stamped_text(record, stamps)
  local fields, members = decode_cached(record.text), {}
  for member, text in pairs(stamps) do
    if not record.kind.stamps[member] then error("kind.yaml has no stamp of the views for " .. tostring(member), 0) end
    if type(text) ~= "string" then error("a stamp must be text: " .. member, 0) end
    if fields[member] == nil then members[#members + 1] = encode(member) .. ":" .. encode(text) end
  end
  if #members == 0 then return record.text end
  table.sort(members)
  return string.sub(record.text, 1, -2) .. (next(fields) and "," or "") .. table.concat(members, ",") .. "}"
end

local function read_flags(given)
  local flags = {}
  for index, flag in ipairs(given) do
    if type(flag) ~= "string" then error("a flag must be text", 0) end
    flags[index] = flag
  end
  return flags
end

-- What `apply` is given in the place of a record: what docs/KINDS.md says that there is, to be read. All else that a
-- record has here, and what many share, is nobody else's to change. One of each will do, for one record is applied at a
-- time.
local shown -- the record under way
local SHOWN = {key = true, fields = true, deleted = true, folded = true, late = true, event_time = true, arrival = true,
               packed = true, batch = true, upload = true}

local function only_read() error("a record is only to be read", 2) end

local function view(read)
  return setmetatable({}, {__index = function(_, name) return read(name) end, __newindex = only_read,
                           __metatable = false})
end

local previous_view = view(function(name) return SHOWN[name] and shown.previous[name] or nil end)
local roles_view = view(function(role) return shown.sender.has[role] end)
local SENDER = {kind = function() return shown.sender.kind end, key = function() return shown.sender.key end,
                has = function() return roles_view end}
local sender_view = view(function(name) return SENDER[name] and SENDER[name]() end)
local record_view = view(function(name)
  if SHOWN[name] then return shown[name] end
  if name == "previous" then return shown.previous and previous_view or nil end
  if name == "sender" then return shown.sender and sender_view or nil end
end)

-- What its kind's views make of it, once it may be applied: the flags that they give it. Whatever the kind, one that is
-- late does not take the place of what is newer.
local function apply_views(record, account)
  local kind = record.kind
  current, run.changes_before, run.applied, shown = kind, run.changes, record, record
  local result = kind.apply(record_view, kind.context)
  if not record.late and not (result and result.keep_previous) then
    local stamps = not record.deleted and result and result.stamps
    run.records[kind.name][record.full_key] = stamps and stamped_text(record, stamps) or record.text
    if kind.account then write_account(record, account) end
  end
  if run.family_refused > 0 then forget_older(record) end
  return result and result.flags and read_flags(result.flags)
end

-- What became of it, if that is not just "applied", the flags, and why it was not applied. What the views refuse is
-- thrown before anything has been written.
local function apply_record(record)
  local kind, latest, account, unfit = record.kind, record.latest, nil, nil
  record.late = latest ~= nil and is_older(record, latest)
  local forbidden = kind.access and why_forbidden(record)
  if forbidden then
    run.forbidden = run.forbidden + 1
    return "refused", nil, forbidden
  end
  if kind.access then keep_owner(record) end
  if record.late and kind.ordered then return "late", nil, LATE end
  if kind.account and not record.late then account, unfit = account_after(record) end
  if unfit then return "refused", nil, unfit end
  local flags = apply_views(record, account)
  if record.late then return "late", flags, LATE end
  return record.deleted and "deleted" or nil, flags
end

-- What became of one that was refused, and why; throws what it was instead. Only one that waits for another record is
-- kept, and not if it is late.
local function keep_if_refused(record, thrown)
  if type(thrown) ~= "table" or not thrown[REFUSAL] then error(thrown, 0) end
  if run.changes ~= run.changes_before then error("refuse must come before anything is written", 0) end
  if not record.late and not thrown.reference then return "refused", thrown.refused end
  if record.late or not forget_older(record) then return "late", LATE end
  keep_refused(record, thrown)
  run.family_refused = run.family_refused + 1
  return "refused", thrown.refused
end

-- A message of Lua, which quotes code and not data, as one line.
local function as_reason(fault)
  return (string.gsub(string.sub(tostring(fault), 1, LONGEST_REASON), "%c", " "))
end
