-- Who may change what is there: `access` in kind.yaml, held in the order in which records are applied. What is refused
-- here changes nothing at all. It is not kept among the refused either: a stranger must not take the place of a record
-- that waits there.

local SOMEBODY_ELSES = "it is somebody else's"
local NOTHING_THERE = "there is no such record to change"

-- "yes", "owner" (of what is their own) or nil: as permission() in common/access/caller.cpp.
local function permission(rule, access, sender)
  if rule.anyone or sender.has.admin then return "yes" end
  for _, role in ipairs(rule.roles) do
    if sender.has[role] then return "yes" end
  end
  if not sender.kind or not access.accounts[sender.kind] then return nil end
  return rule.login and "yes" or rule.owner and "owner" or nil
end

local function owner_of(record)
  local access = record.kind.access
  if access.owner_is_key then return record.key end
  return (record.apart and decode_cached(record.text) or record.fields)[access.owner]
end

local function is_own(record, sender)
  return sender.kind == record.kind.access.owner_kind and sender.key == owner_of(record)
end

-- The one of its key that waits for another record, unless its time is over.
local function waiting_record(record)
  local kind = record.kind
  local waiting = run.refused[kind.name] > 0 and refused_record(kind, record.key)
  if not waiting or not waiting.waits then return nil end
  return (kind.ttl == 0 or record.arrival < waiting.arrival + kind.ttl * 1000) and waiting or nil
end

-- Why its sender may not do what the record says; nil if they may. Where nothing may be sent without logging in, what
-- names no sender is of a time when the kind was open, and stays as it was then.
local function why_forbidden(record)
  local access, sender = record.kind.access, record.sender
  if not sender.kind and not access.create.anyone and not access.change.anyone then return nil end
  local may, previous, waiting = permission(access.change, access, sender), record.previous, waiting_record(record)
  if not previous and not waiting then
    if not record.deleted then may = permission(access.create, access, sender) end
    return may ~= "yes" and NOTHING_THERE or nil
  end
  if may == "yes" then return nil end
  local own = may == "owner" and (not previous or is_own(previous, sender)) and (not waiting or is_own(waiting, sender))
  return not own and SOMEBODY_ELSES or nil
end

-- The text of a record whose first member is that one, a text, with another value.
local function with_first_member(text, name, value)
  local _, from = string.find(text, "{" .. encode(name) .. ":", LEAST_HEADER + 1, true)
  if not from then return text end
  local at = from + 1 -- its quote
  repeat
    at = string.find(text, '["\\]', at + 1)
    local escapes = string.byte(text, at) == 92 -- a backslash
    if escapes then at = at + 1 end
  until not escapes
  return string.sub(text, 1, from) .. encode(value) .. string.sub(text, at + 1)
end

-- Whoever changes somebody else's record does not become its owner, though the door has stamped them. An admin who has
-- named another owner has been stamped with nothing.
local function keep_owner(record)
  local name = record.kind.access.stamped_owner
  if name == "" or record.deleted then return end
  local before = record.previous or waiting_record(record)
  local owner = before and owner_of(before)
  if type(owner) ~= "string" or record.fields[name] ~= record.sender.key then return end
  record.text = with_first_member(record.text, name, owner)
  record.fields[name] = owner
end
