-- Puts what a replay has built in the place of what is live, at once.
--   ARGV: live prefix, prefix of the replay, its token, the kinds
-- Answers with how many keys were taken away, and how many came; -1, with nothing changed, when the hold is no longer
-- ours, or what was built is not.

local live, built, token = ARGV[1], ARGV[2], ARGV[3]
local CHUNK = 1000
local USUAL_MEMORY = 100000 -- batches; a daemon that is to remember fewer forgets the rest by and by

for _, key in ipairs({live .. ":hold", built .. ":owner"}) do
  if redis.call("GET", key) ~= token then return {-1, 0} end
end

local function keys_of(prefix, kind)
  local found = {}
  for _, what in ipairs({":record:", ":view:"}) do
    for _, key in ipairs(redis.call("KEYS", prefix .. what .. kind .. ":*")) do found[#found + 1] = key end
  end
  return found
end

local function unlink(keys)
  for from = 1, #keys, CHUNK do redis.call("UNLINK", unpack(keys, from, math.min(from + CHUNK - 1, #keys))) end
end

local function move(keys)
  for _, key in ipairs(keys) do redis.call("RENAME", key, live .. string.sub(key, #built + 1)) end
end

local removed, came = 0, 0
for index = 4, #ARGV do
  local old, new = keys_of(live, ARGV[index]), keys_of(built, ARGV[index])
  unlink(old)
  move(new)
  removed, came = removed + #old, came + #new
end
for _, what in ipairs({":upload:*", ":outcome:*"}) do move(redis.call("KEYS", built .. what)) end

-- What was applied by either, the latest by its id last; of many, as many as the longer of both remembers. A batch
-- keeps the time at which it was first applied. What was sent back of it is part of it again.
local applied, order, sent_back = live .. ":applied", live .. ":applied:order", live .. ":sent-back"
local ids = redis.call("LRANGE", order, 0, -1)
local flat = redis.call("HGETALL", built .. ":applied")
local most = math.max(#ids, #flat / 2, USUAL_MEMORY)
for index = 1, #flat, 2 do
  local id, entry = flat[index], flat[index + 1]
  local known = redis.call("HGET", applied, id)
  if known then
    entry = string.match(known, "^[^,]*") .. string.match(entry, "^[^,]*(.*)$")
  else
    ids[#ids + 1] = id
  end
  redis.call("HSET", applied, id, entry)
  redis.call("HDEL", sent_back, id)
end
table.sort(ids)
redis.call("DEL", order)
for index, id in ipairs(ids) do
  if index <= #ids - most then
    redis.call("HDEL", applied, id)
  else
    redis.call("RPUSH", order, id)
  end
end
redis.call("DEL", live .. ":hold")
return {removed, came}
