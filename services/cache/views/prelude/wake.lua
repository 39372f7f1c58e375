-- Those who waited are applied when what they waited for has come. A call takes a few, for what others have uploaded
-- is to be applied, too; it returns whether there are more. Who has come first is taken first, and of those who waited
-- for one record the first to arrive. Each is a run of its own: what fails, fails alone.
--
--   <views>woken                  list of `<arrival> <place> <key>`: records that have come, and some waited for
--   <views>woken:<place> <key>    those who did: what was <views>waiting:<key> until then

local WOKEN_AT_ONCE = 16

local function woken_key(kind, name) return kind.views .. "woken:" .. name end

-- When everything else of the run is written. Whoever is refused again is not among those who are woken.
local function wake_for(record)
  local kind, name = record.kind, record.place .. " " .. record.key
  local waiting = waiting_key({kind = kind.name, key = record.key})
  if host.move(waiting, woken_key(kind, name)) then
    host.push(kind.views .. "woken", string.format("%.0f %s", run.now, name))
  end
end

-- Of the family, the record that came first of those for whom somebody still waits: its kind, the time, its name.
local function first_woken()
  local first, first_now, first_name
  if not some_may_refuse then return nil end
  for _, kind in pairs(kinds) do
    local now, name = string.match(host.front(kind.views .. "woken") or "", "^(%d+) (.*)$")
    now = tonumber(now)
    if now and (not first or now < first_now or (now == first_now and precedes(name, first_name))) then
      first, first_now, first_name = kind, now, name
    end
  end
  return first, first_now, first_name
end

local function commit_run()
  commit_records()
  commit_texts()
  commit_scores()
  commit_lists()
  commit_reactions()
  for name, count in pairs(run.refused) do host.set_count(kinds[name].views .. "refused", count) end
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

local function commit_woken(record, outcome, reason)
  commit_run()
  settle_outcome(record, outcome, reason)
  if not outcome then wake_for(record) end
end

local function apply_woken(member, now)
  local record = begin_waking(member, now)
  if not record then return nil end
  local done, outcome, _, reason = pcall(apply_record, record)
  if not done then outcome, reason = keep_if_refused(record, outcome) end
  return record, outcome, reason
end

local function keep_failed(member, now, reason)
  local record = begin_waking(member, now)
  keep_refused(record, {refused = reason})
  return record, "refused", reason
end

local function wake(member, now)
  local done, record, outcome, reason = host.try(apply_woken, member, now)
  if not done then record, outcome, reason = keep_failed(member, now, "when its turn came: " .. as_reason(record)) end
  if record then host.commit(commit_woken, record, outcome, reason) end
end

local function wake_some()
  for _ = 1, WOKEN_AT_ONCE do
    local kind, now, name = first_woken()
    if not kind then return false end
    local woken = woken_key(kind, name)
    local member = host.first(woken)
    if member then
      host.rank(woken, {[member] = false})
      wake(member, now)
    else
      host.pop(kind.views .. "woken")
    end
  end
  return first_woken() ~= nil
end
