-- Records that apply refused until another record is there. They stay in sight with the reason, and are applied again
-- when it comes (wake.lua). A later record or a deletion of the same key takes their place. One that is refused for good
-- changes nothing at all: its reason is what became of its upload. Of one that fails when its turn comes only that is
-- kept, and it waits for nothing more.
--
--   <views>refused          sorted set: key, by arrival
--   <views>refused:<key>    {text, apart, place, reason, kind, key, sender, account}: kind and key are of what it waits
--                           for, sender and account what there is of them (part.lua)
--   <views>waiting:<key>    of the kind that is waited for: sorted set of `<place> <kind> <key>`, by arrival
--
-- A place is `<upload>:<part>:<number in the part>`: in the order of these are those that arrived at one moment. What
-- was refused when places were not noted has none, nor has it one in front where it waits.

local MOST_REFUSED = 20000 -- of a family; beyond, a part fails and is parked

local REFUSAL = {} -- what only refuse() marks what it throws with

local function refuse(reason, reference)
  if run.read_only then error("only apply may refuse", 2) end
  if run.changes ~= run.changes_before then error("refuse must come before anything is written", 2) end
  if current.compares then error("a kind that compares cannot refuse", 2) end
  if reference and not (kinds[reference.kind] and reference.key) then error("what is waited for?", 2) end
  if reference and kinds[reference.kind].compares then error("a kind that compares cannot be waited for", 2) end
  error({[REFUSAL] = true, refused = tostring(reason), reference = reference}, 0)
end

-- How many records of the family are refused.
local function count_refused()
  local sum = 0
  for name, kind in pairs(kinds) do
    run.refused[name] = run.refused[name] or (some_may_refuse and host.count(kind.views .. "refused") or 0)
    sum = sum + run.refused[name]
  end
  return sum
end

function lazy.place(record)
  return string.format("%s:%06d:%04d", record.upload, record.part, record.number or 0)
end

local function waiting_key(reference) return kinds[reference.kind].views .. "waiting:" .. reference.key end

local function waiter(kind, key, place) return (place and place .. " " or "") .. kind.name .. " " .. key end

local function refused_record(kind, key)
  local entry = read_value(kind.views .. "refused:" .. key)
  local full_key = kind.records .. key
  return entry and setmetatable({text = entry.text, apart = entry.apart, place = entry.place, kind = kind,
                                 full_key = full_key, deleted = false, before = read_record(kind, full_key),
                                 waits = entry.kind ~= nil, sender_text = entry.sender, account = entry.account},
                                Record)
end

local function forget_refused(kind, key)
  local entry = read_value(kind.views .. "refused:" .. key)
  write_text(kind.views .. "refused:" .. key, false)
  write_score(kind.views .. "refused", key, false)
  if entry.kind then write_score(waiting_key(entry), waiter(kind, key, entry.place), false) end
  run.refused[kind.name] = run.refused[kind.name] - 1
end

-- Of its key, what was refused before. False if what was refused is newer than the record, and stays.
local function forget_older(record)
  local kind, key = record.kind, record.key
  local refused = run.refused[kind.name] > 0 and refused_record(kind, key)
  if not refused then return true end
  if is_older(record, refused) then return false end
  forget_refused(kind, key)
  return true
end

local function keep_refused(record, refusal)
  local kind, key, reference = record.kind, record.key, refusal.reference or {}
  if record.deleted then error("a deletion cannot wait for another record", 0) end
  if #key > LONGEST_MEMBER then error("a record with so long a key cannot wait", 0) end
  if count_refused() >= MOST_REFUSED then error("too many records wait", 0) end
  local entry = {text = record.text, apart = record.apart, place = record.place, reason = refusal.refused,
                 kind = reference.kind, key = reference.key, sender = record.sender_text, account = record.account}
  write_text(kind.views .. "refused:" .. key, encode_kept(entry))
  write_score(kind.views .. "refused", key, record.arrival)
  if entry.kind then write_score(waiting_key(entry), waiter(kind, key, entry.place), record.arrival) end
  run.refused[kind.name] = run.refused[kind.name] + 1
end
