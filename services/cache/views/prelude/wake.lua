-- Those who waited are applied when what they waited for has come: FCALL <library>_wake 0. A call takes a few, for
-- Redis serves nobody else meanwhile; answers with 1 if there are more, else 0. Who has come first is taken first,
-- and of those who waited for one record the first to arrive. Each is a run of its own: what fails, fails alone.
--
--   <views>woken                  list of `<arrival> <place> <key>`: records that have come, and some waited for
--   <views>woken:<place> <key>    those who did: what was <views>waiting:<key> until then

local WOKEN_AT_ONCE = 16

local function woken_key(kind, name) return kind.views .. "woken:" .. name end

-- When everything else of the run is in Redis. Whoever is refused again is not among those who are woken.
local function wake_for(call, record)
  local kind, name = record.kind, record.place .. " " .. record.key
  local waiting = waiting_key({kind = kind.name, key = record.key})
  if call("EXISTS", waiting) == 0 then return end
  call("RENAME", waiting, woken_key(kind, name))
  call("RPUSH", kind.views .. "woken", string.format("%.0f %s", run.now, name))
end

-- Of the family, the record that came first of those for whom somebody still waits: its kind, the time, its name.
local function first_woken()
  local first, first_now, first_name
  if not some_may_refuse then return nil end
  for _, kind in pairs(kinds) do
    local now, name = string.match(redis.call("LINDEX", kind.views .. "woken", 0) or "", "^(%d+) (.*)$")
    now = tonumber(now)
    if now and (not first or now < first_now or (now == first_now and precedes(name, first_name))) then
      first, first_now, first_name = kind, now, name
    end
  end
  return first, first_now, first_name
end

local function commit_run(call)
  commit_records(call)
  commit_texts(call)
  commit_scores(call)
  commit_lists(call)
  commit_reactions(call)
end

-- The record, in a run in which it does not wait any more; nil if another has taken its place, or its kind is gone.
local function begin_waking(member, now)
  local place, kind_name, key = string.match(member, "^(%S+:%d+:%d+) (%S+) (.*)$")
  if not place then kind_name, key = string.match(member, "^(%S+) (.*)$") end
  start_run(now, kinds)
  local record = kinds[kind_name] and refused_record(kinds[kind_name], key)
  if not record or rawget(record, "place") ~= place then return nil end
  run.family_refused = count_refused()
  forget_refused(record.kind, key)
  return record
end

local function wake(member, now)
  local record = begin_waking(member, now)
  if not record then return end
  local done, outcome, _, reason = pcall(apply_record, record)
  local applied = done and not outcome
  if not done then done, outcome, reason = pcall(keep_if_refused, record, outcome) end
  if not done then
    outcome, reason = "refused", "when its turn came: " .. as_reason(outcome)
    keep_refused(begin_waking(member, now), {refused = reason})
  end
  commit_run(redis.call)
  settle_outcome(redis.call, record, outcome, reason)
  if applied then wake_for(redis.call, record) end
end

local function wake_some()
  start()
  for _ = 1, WOKEN_AT_ONCE do
    local kind, now, name = first_woken()
    if not kind then return 0 end
    local member = redis.call("ZRANGE", woken_key(kind, name), 0, 0)[1]
    if member then
      redis.call("ZREM", woken_key(kind, name), member)
      wake(member, now)
    else
      redis.call("LPOP", kind.views .. "woken")
    end
  end
  return first_woken() and 1 or 0
end
