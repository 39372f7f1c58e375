-- Applying one part: what apply is asked about of it (services/cache/redis/views.cpp, push_part()):
--
--   keys, texts            of each record the key in Redis, and its header and JSON
--   apart, accounts        of a kind that has them, what apply is given where that is not what is cached, and the account
--   numbers                of each record its place in the part, from 1
--   now, deletes, count    the part's arrival, whether it takes away, and how many records it has in all
--   upload, place          of which upload it is which part; `trace`: its traceparent, if it is sampled
--   sender, latest         who sent it, and what the latest records show of it; `outcome_left`: outcomes.lua

local RECENT = 100 -- the latest records of a kind that are kept in sight (kRecent in latest_entry.h)

-- Applies the records that are asked about, from the one behind part.done on. What is thrown is that of the next.
local function apply_records(part)
  local kind, keys, deletes = part.kind, part.keys, part.deletes
  for index = part.done + 1, #keys do
    local full_key, number = keys[index], part.numbers[index]
    local record = setmetatable({kind = kind, full_key = full_key, text = part.texts[index],
                                 before = read_record(kind, full_key) or false, apart = part.apart and part.apart[index],
                                 deleted = deletes, arrival = run.now, number = number, late = nil, latest = nil,
                                 previous = nil, fields = nil, event_time = nil}, Record)
    if kind.has_senders then record.sender, record.sender_text = part.sender, part.sender_text end
    if kind.account then record.account = part.accounts[index] end
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
  if not done then return tostring(outcome) end
  part.done, part.outcomes[number] = part.done + 1, outcome
  part.not_applied[number] = {key = record.key, outcome = outcome, reason = reason}
end

-- What became of those of the part's records that are in sight, by their places there.
local function in_sight(of_records, hidden)
  local shown = {}
  for number, what in pairs(of_records) do
    if number > hidden then shown[tostring(number - hidden)] = what end
  end
  return next(shown) and encode(shown) or "{}"
end

-- The part's records, in a run of their own.
local function try_part(part)
  start_run(part.now, kinds)
  run.trace = part.trace
  run.family_refused = count_refused()
  while part.done < #part.keys do
    local done, thrown = pcall(apply_records, part)
    local fault = not done and refuse_record(part, thrown)
    if fault then error(fault, 0) end
  end
  part.hidden = math.max(0, part.count - RECENT)
  part.latest = part.latest .. ',"outcomes":' .. in_sight(part.outcomes, part.hidden) ..
                ',"flags":' .. in_sight(part.flags, part.hidden) .. "}"
end

local function commit_counters(part)
  local counts, key = {records = part.count}, part.kind.views .. "counters"
  for _, outcome in pairs(part.outcomes) do counts[outcome] = (counts[outcome] or 0) + 1 end
  for _, flags in pairs(part.flags) do
    for _, flag in ipairs(flags) do counts["flag:" .. flag] = (counts["flag:" .. flag] or 0) + 1 end
  end
  for name, count in pairs(counts) do host.count_up(key, name, count) end
end

-- Nothing in here fails.
local function commit_part(part)
  commit_run()
  for _, record in ipairs(part.awaited) do wake_for(record) end
  host.show(part.kind.views .. "latest", part.latest, part.hidden > 0 and 1 or RECENT)
  commit_counters(part)
  commit_outcome(part)
  note_outcome(part.sender, part.outcome_left)
end

-- Returns how many of its records nobody might send who sent them; or nil, and why the part failed.
local function apply_part(kind_name, part)
  wake_some() -- first: so that they see what was there when what they waited for came, however parts are grouped
  part.kind, part.sender_text = kinds[kind_name], part.sender ~= "" and part.sender or nil
  part.sender, part.done, part.number = read_sender(part.sender), 0, 1
  part.outcomes, part.flags, part.awaited, part.not_applied = {}, {}, {}, {}
  local done, fault = host.try(try_part, part)
  if not done then return nil, string.format("views: record %d: %s", part.number - 1, as_reason(fault)) end
  host.commit(commit_part, part)
  return run.forbidden
end
