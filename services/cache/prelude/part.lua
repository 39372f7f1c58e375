-- Applying one part: FCALL <library>_apply <n> <the records' keys> <header> <for each record its text, and what
-- apply is given where that is not what is cached> <of settled parts of the batch, which are written beside the
-- calls, entries of the latest records, and marks, each with its digest>. Answers with why the part failed, or nothing.

local RECENT = 100 -- the latest records of a kind that are kept in sight (and kRecent in settled_parts.cpp)
local LONGEST_REASON = 300
local MOST_BARRED = 20 -- of the records that wait, those that fail when it is their turn

-- Where in the arguments is what (services/cache/redis_views.cpp).
local KIND, NOW, ACTION, APPLIED, BATCH, BATCH_ENTRY = 1, 2, 3, 4, 5, 6
local PART, MARK, DIGEST, MARK_TTL, ASKED = 7, 8, 9, 10, 11
local SETTLED_RECORDS, SETTLED_ENTRIES, FIRST_TEXT = 12, 13, 14

local ALL = "all"

-- The numbers of the records that apply is asked about, and their keys.
local function find_asked(keys, asked)
  if asked == ALL then return nil, keys end
  local numbers, their_keys = {}, {}
  for text in string.gmatch(asked, "%d+") do
    local number = tonumber(text)
    numbers[#numbers + 1], their_keys[#their_keys + 1] = number, keys[number]
  end
  return numbers, their_keys
end

-- Applies the records that are asked about, from the one behind part.done on. What is thrown is that of the next.
local function apply_records(part)
  local kind, keys, args, befores, deletes = part.kind, part.asked_keys, part.args, part.befores, part.deletes
  local width, written = part.width, run.records[kind.name]
  for index = part.done + 1, #keys do
    local full_key, number = keys[index], part.asked and part.asked[index] or index
    local before, at = written[full_key], FIRST_TEXT + (number - 1) * width
    if before == nil then before = befores[index] end
    local record = setmetatable({kind = kind, full_key = full_key, text = args[at], before = before,
                                 apart = kind.apart and args[at + 1], deleted = deletes, arrival = run.now,
                                 previous = nil, fields = nil, event_time = nil}, Record)
    part.record, part.number = record, number
    local outcome, flags = apply_record(record)
    if outcome then part.outcomes[number] = outcome end
    if flags then part.flags[number] = flags end
    if run.family_refused > 0 and not outcome then wake_for(record) end
    part.done = index
  end
end

-- The part's records, in a run of their own. Returns the part, or why it failed.
local function try_part(kind, keys, args, barred)
  start_run(tonumber(args[NOW]), kinds)
  run.barred = barred
  run.family_refused = count_refused()
  for _, each in pairs(kinds) do each.context.now = run.now end
  local part = {kind = kind, keys = keys, args = args, width = kind.apart and 2 or 1, done = 0, outcomes = {},
                flags = {}, deletes = args[ACTION] == "delete"}
  part.asked, part.asked_keys = find_asked(keys, args[ASKED])
  part.befores = #part.asked_keys > 0 and redis.call("MGET", unpack(part.asked_keys))
  while part.done < #part.asked_keys do
    local done, thrown = pcall(apply_records, part)
    if not done then done, thrown = pcall(keep_if_refused, part.record, thrown) end
    if not done then return nil, string.format("record %d: %s", part.number - 1, tostring(thrown)) end
    if part.done < #part.asked_keys then
      part.done = part.done + 1
      part.outcomes[part.number] = "refused"
    end
  end
  return part
end

-- The records that apply was not asked about. None of them has the key of another one of the part.
local function commit_settled(call, part)
  if not part.asked then return end
  local keys, args, width, asked = part.keys, part.args, part.width, {}
  for _, number in ipairs(part.asked) do asked[number] = true end
  for number = 1, #keys do
    if not asked[number] then keep_record(call, keys[number], args[FIRST_TEXT + (number - 1) * width], part.kind) end
  end
end

-- The latest records, in one entry for each part, the last one first; cut now and then. Of a part that needs no
-- call services/cache/settled_parts.cpp writes the entry.
local function commit_latest(call, part)
  local keys, text, list = part.keys, part.args[FIRST_TEXT], part.kind.views .. "latest"
  local entry = {arrival = run.now, batch = string.sub(text, 33, 68), upload = string.sub(text, 69, 104), keys = {},
                 outcomes = {}, flags = {}}
  local before, start = math.max(0, #keys - RECENT), #part.kind.records + 1
  for index = 1, #keys - before do
    local number = before + index
    entry.keys[index] = string.sub(keys[number], start)
    if part.outcomes[number] then entry.outcomes[tostring(index)] = part.outcomes[number] end
    if part.flags[number] then entry.flags[tostring(index)] = part.flags[number] end
  end
  local length = call("LPUSH", list, cjson.encode(entry))
  local kept = before > 0 and 1 or RECENT
  if length >= 2 * kept then call("LTRIM", list, 0, kept - 1) end
end

local function commit_counters(call, part)
  local counts, flag_counts, key = {records = #part.keys}, {}, part.kind.views .. "counters"
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
  commit_settled(call, part)
  commit_records(call)
  commit_texts(call)
  commit_scores(call)
  commit_lists(call)
  commit_latest(call, part)
  commit_counters(call, part)
  if args[MARK] ~= "" then call("SET", args[MARK], args[DIGEST], "EX", args[MARK_TTL]) end
end

-- A message of Lua, which quotes code and not data, as one line.
local function as_reason(fault)
  return (string.gsub(string.sub(tostring(fault), 1, LONGEST_REASON), "%c", " "))
end

-- What is remembered of the batch: this part has not been applied, and why.
local function remember_failure(args, count, reason)
  local entry = redis.call("HGET", args[APPLIED], args[BATCH])
  local time, parts, records, others = string.match(entry, "^([^,]*),(%d+),(%d+)(.*)$")
  redis.call("HSET", args[APPLIED], args[BATCH],
             string.format("%s,%d,%d%s\n%s %s", time, parts - 1, records - count, others, args[PART], reason))
end

-- What the kind shows and counts of the settled parts of the batch, and their marks.
local function tell_settled(kind, keys, args)
  local records, entries = tonumber(args[SETTLED_RECORDS]), tonumber(args[SETTLED_ENTRIES])
  if records == 0 then return end
  local first, list = FIRST_TEXT + #keys * (kind.apart and 2 or 1), kind.views .. "latest"
  redis.call("LPUSH", list, unpack(args, first, first + entries - 1))
  redis.call("LTRIM", list, 0, RECENT - 1)
  redis.call("HINCRBY", kind.views .. "counters", "records", records)
  for at = first + entries, #args, 2 do redis.call("SET", args[at], args[at + 1], "EX", args[MARK_TTL]) end
end

local function apply_part(keys, args)
  start()
  local kind, barred = kinds[args[KIND]], {}
  local part, fault
  for _ = 0, MOST_BARRED do
    part, fault = try_part(kind, keys, args, barred)
    if part or not run.culprit then break end
    barred[run.culprit.member] = "when its turn came: " .. as_reason(run.culprit.reason)
  end
  if args[BATCH_ENTRY] ~= "" then
    redis.call("HSET", args[APPLIED], args[BATCH], args[BATCH_ENTRY])
    redis.call("RPUSH", args[APPLIED] .. ":order", args[BATCH])
    tell_settled(kind, keys, args)
  end
  if part then return commit(part) end
  local reason = as_reason(fault)
  remember_failure(args, #keys, reason)
  return reason
end
