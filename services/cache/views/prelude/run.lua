-- What one call of `apply` has written so far. Nothing of it is anywhere else before commit(); reads see it.
-- Only whole values are kept, never "add one", so a key is written once however often it changes.

local run -- of the call under way

local function start_run(now, kinds)
  run = {
    now = now, -- ms: the time by which what has a time to live is over
    forbidden = 0, -- how many records were sent by somebody who may not do what they say
    changes = 0, -- how many writes of views there were
    bytes = 0, -- of all of them, about
    texts = {}, -- key -> text, or false: deleted
    ttls = {}, -- key -> ms
    scores = {}, -- key of a sorted set -> member -> score, or false: removed
    floors = {}, -- key of a sorted set -> what was below is removed
    lowest = {}, -- key of a sorted set -> no score of this run is lower
    lists = {}, -- key -> list of {keep =, ttl =, its new entries}, in the order in which they are to be appended
    records = {}, -- name of a kind -> key -> text, of a deletion its header
    reactions = {}, -- id -> {kind =, name =, text =}
    refused = {}, -- name of a kind -> how many of its records wait or were refused
  }
  for name, kind in pairs(kinds) do run.records[name], kind.context.now = {}, now end
end

local MOST_WRITTEN = 16 * 1024 * 1024 -- bytes of a part
local BYTES_BESIDE = 100 -- what a write takes beside its texts

-- Whether the function under way may write: queries have no run of their own to commit.
local function may_write(key, text)
  if run.read_only then error("only apply may write", 4) end
  run.changes, run.bytes = run.changes + 1, run.bytes + #key + (text and #text or 0) + BYTES_BESIDE
  if run.bytes > MOST_WRITTEN then error("a part may write at most " .. MOST_WRITTEN .. " bytes", 4) end
end

local function read_text(key)
  local text = run.texts[key]
  if text == nil then text = host.get(key) end
  return text or nil
end

-- `text` false deletes. With `ttl` (ms) it is over by the run's time, too, which Redis' own clock only follows.
local function write_text(key, text, ttl)
  may_write(key, text)
  if text and ttl then text = string.format("@%.0f %s", run.now + ttl, text) end
  run.texts[key], run.ttls[key] = text, ttl
end

local function read_value(key)
  local text = read_text(key)
  if text and string.byte(text) == 64 then -- "@"
    local till, rest = string.match(text, "^@(%d+) (.*)$")
    if run.now >= tonumber(till) then return nil end
    text = rest
  end
  return text and decode_kept(text)
end

local function set_in(key)
  local set = run.scores[key]
  if not set then
    set = {}
    run.scores[key] = set
  end
  return set
end

local function read_score(key, member)
  local score = set_in(key)[member]
  if score ~= nil then return score or nil end
  score = host.score(key, member)
  local floor = run.floors[key]
  if score and floor and score < floor then return nil end
  return score
end

-- `score` false removes.
local function write_score(key, member, score)
  may_write(key, member)
  set_in(key)[member] = score
  if score then run.lowest[key] = math.min(score, run.lowest[key] or score) end
end

-- What this run itself has written is looked through only if something of it is that low.
local function remove_below(key, floor)
  may_write(key)
  run.floors[key] = math.max(floor, run.floors[key] or floor)
  if (run.lowest[key] or floor) >= floor then return end
  local set = set_in(key)
  for member, score in pairs(set) do
    if score and score < floor then set[member] = false end
  end
  run.lowest[key] = floor
end

local function append(key, text, keep, ttl)
  may_write(key, text)
  local lists = run.lists[key] or {}
  local list = lists[#lists]
  if not list or list.keep ~= keep or list.ttl ~= ttl then
    list = {keep = keep, ttl = ttl}
    run.lists[key], lists[#lists + 1] = lists, list
  end
  list[#list + 1] = text
  if #list > keep then table.remove(list, 1) end
end

local function commit_texts()
  for key, text in pairs(run.texts) do
    if text then host.set(key, text, run.ttls[key]) else host.delete(key) end
  end
end

local function commit_scores()
  for key, floor in pairs(run.floors) do host.unrank_below(key, floor) end
  for key, members in pairs(run.scores) do host.rank(key, members) end
end

local function commit_lists()
  for key, lists in pairs(run.lists) do
    for _, list in ipairs(lists) do host.append(key, list, list.keep, list.ttl) end
  end
end
