-- Applying one part: FCALL <library>_apply <n> <the keys of the records that apply is asked about> <header>
-- <for each of these its text, what apply is given where that is not what is cached, and in a kind of accounts what of
-- it is the account's> <of settled parts of the batch, which are written beside the calls, entries of the latest
-- records, and marks, each with its digest>.
-- The records that apply is not asked about have been written before. Answers with why the part failed, with how many
-- of its records nobody might send who sent them, or with nothing.

local RECENT = 100 -- the latest records of a kind that are kept in sight (kRecent in latest_entry.h)

-- Where in the arguments is what (services/cache/redis/views.cpp).
local KIND, NOW, ACTION, APPLIED, BATCH, BATCH_ENTRY = 1, 2, 3, 4, 5, 6
local MARK, DIGEST, MARK_TTL, COUNT, ASKED, LATEST, SENDER = 8, 9, 10, 11, 12, 13, 14
local SETTLED_RECORDS, SETTLED_ENTRIES, FIRST_TEXT = 16, 17, 18

local ALL = "all"

-- The numbers in the part, from 1, of the records that apply is asked about; nil if they are all.
local function find_numbers(asked)
  if asked == ALL then return nil end
  local numbers = {}
  for text in string.gmatch(asked, "%d+") do numbers[#numbers + 1] = tonumber(text) end
  return numbers
end

-- Applies the records that are asked about, from the one behind part.done on. What is thrown is that of the next.
local function apply_records(part)
  local kind, keys, args, befores, deletes = part.kind, part.keys, part.args, part.befores, part.deletes
  local width, written = part.width, run.records[kind.name]
  for index = part.done + 1, #keys do
    local full_key, number = keys[index], part.numbers and part.numbers[index] or index
    local before, at = written[full_key], FIRST_TEXT + (index - 1) * width
    if before == nil then before = befores[index] end
    local record = setmetatable({kind = kind, full_key = full_key, text = args[at], before = before,
                                 apart = kind.apart and args[at + 1], deleted = deletes, arrival = run.now,
                                 number = number, late = nil, latest = nil, previous = nil, fields = nil,
                                 event_time = nil}, Record)
    if kind.has_senders then record.sender, record.sender_text = part.sender, part.sender_text end
    if kind.account then record.account = args[at + width - 1] end
    part.record, part.number = record, number
    local outcome, flags, reason = apply_record(record)
    if outcome then part.outcomes[number] = outcome end
    if reason then part.not_applied[number] = {key = record.key, outcome = outcome, reason = reason} end
    if flags then part.flags[number] = flags end
    if run.family_refused > 0 and not outcome then part.awaited[#part.awaited + 1] = record end
    part.done = index
  end
end

-- The next record was not applied: it is kept if it was refused. Returns why it is not, if it was something else.
local function refuse_record(part, thrown)
  local record, number = part.record, part.number
  record.sender_text = part.sender_text
  local done, outcome, reason = pcall(keep_if_refused, record, thrown)
  if not done then return string.format("record %d: %s", number - 1, tostring(outcome)) end
  part.done, part.outcomes[number] = part.done + 1, outcome
  part.not_applied[number] = {key = record.key, outcome = outcome, reason = reason}
end

-- The part's records, in a run of their own. Returns the part, or why it failed.
local function try_part(kind, keys, args)
  start_run(tonumber(args[NOW]), kinds)
  run.family_refused = count_refused()
  local part = {kind = kind, keys = keys, args = args, width = kind.width, count = tonumber(args[COUNT]),
                deletes = args[ACTION] == "delete", numbers = find_numbers(args[ASKED]), done = 0, outcomes = {},
                flags = {}, awaited = {}, not_applied = {}, sender = read_sender(args[SENDER]),
                sender_text = args[SENDER] ~= "" and args[SENDER] or nil, befores = redis.call("MGET", unpack(keys))}
  while part.done < #keys do
    local done, thrown = pcall(apply_records, part)
    local fault = not done and refuse_record(part, thrown)
    if fault then return nil, fault end
  end
  return part
end

-- What became of those of the part's records that are in sight, by their places there.
local function in_sight(of_records, hidden)
  local shown = {}
  for number, what in pairs(of_records) do
    if number > hidden then shown[tostring(number - hidden)] = what end
  end
  return cjson.encode(shown)
end

-- The latest records, in one entry for each part, the last one first; cut now and then.
local function commit_latest(call, part)
  local list, hidden = part.kind.views .. "latest", math.max(0, part.count - RECENT)
  local entry = part.args[LATEST] .. ',"outcomes":' .. in_sight(part.outcomes, hidden) ..
                ',"flags":' .. in_sight(part.flags, hidden) .. "}"
  local length = call("LPUSH", list, entry)
  local kept = hidden > 0 and 1 or RECENT
  if length >= 2 * kept then call("LTRIM", list, 0, kept - 1) end
end

local function commit_counters(call, part)
  local counts, flag_counts, key = {records = part.count}, {}, part.kind.views .. "counters"
  for _, outcome in pairs(part.outcomes) do counts[outcome] = (counts[outcome] or 0) + 1 end
  for _, flags in pairs(part.flags) do
    for _, flag in ipairs(flags) do flag_counts[flag] = (flag_counts[flag] or 0) + 1 end
  end
  for name, count in pairs(counts) do call("HINCRBY", key, name, count) end
  for flag, count in pairs(flag_counts) do call("HINCRBY", key, "flag:" .. flag, count) end
end

-- Nothing in here fails, unless foreign hands have put something else under one of our keys.
local function commit(part)
  local call, args = redis.call, part.args
  commit_run(call)
  for _, record in ipairs(part.awaited) do wake_for(call, record) end
  commit_latest(call, part)
  commit_counters(call, part)
  commit_outcome(call, part)
  note_outcome(call, part.sender, tonumber(args[OUTCOME_LEFT]))
  if args[MARK] ~= "" then call("SET", args[MARK], args[DIGEST], "EX", args[MARK_TTL]) end
  return run.forbidden > 0 and run.forbidden or nil
end

-- What is remembered of the batch: this part has not been applied, and why.
local function remember_failure(args, reason)
  local entry = redis.call("HGET", args[APPLIED], args[BATCH])
  local time, parts, records, others = string.match(entry, "^([^,]*),(%d+),(%d+)(.*)$")
  redis.call("HSET", args[APPLIED], args[BATCH],
             string.format("%s,%d,%d%s\n%s %s", time, parts - 1, records - args[COUNT], others, args[PART], reason))
end

-- What the kind shows and counts of the settled parts of the batch, and their marks.
local function tell_settled(kind, keys, args)
  local records, entries = tonumber(args[SETTLED_RECORDS]), tonumber(args[SETTLED_ENTRIES])
  if records == 0 then return end
  local first, list = FIRST_TEXT + #keys * kind.width, kind.views .. "latest"
  redis.call("LPUSH", list, unpack(args, first, first + entries - 1))
  redis.call("LTRIM", list, 0, RECENT - 1)
  redis.call("HINCRBY", kind.views .. "counters", "records", records)
  for at = first + entries, #args, 2 do redis.call("SET", args[at], args[at + 1], "EX", args[MARK_TTL]) end
end

local function apply_part(keys, args)
  wake_some() -- first: so that they see what was there when what they waited for came, however parts are grouped
  local kind = kinds[args[KIND]]
  local part, fault = try_part(kind, keys, args)
  if args[BATCH_ENTRY] ~= "" then
    redis.call("HSET", args[APPLIED], args[BATCH], args[BATCH_ENTRY])
    redis.call("RPUSH", args[APPLIED] .. ":order", args[BATCH])
    tell_settled(kind, keys, args)
  end
  if part then return commit(part) end
  local reason = "views: " .. as_reason(fault)
  remember_failure(args, reason)
  return reason
end
