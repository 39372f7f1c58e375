-- A record in the cache is its JSON behind a header (services/cache/redis/record_header.h): arrival and event time in
-- milliseconds, each 16 characters, blank if there is none; batch and upload, each 36; if its kind compares, a
-- fingerprint of what is compared; a semicolon with the number of its part; if its kind asks for folded texts, a list of
-- them. Of a deletion there is only the header: it is remembered, so that what came before it is known to be late.
-- Everything is taken out of a header only when it is asked for.


local LEAST_HEADER = 104 -- without fingerprint and part
local DELETIONS_REMEMBERED = 30 * 24 * 60 * 60 -- s; of a kind whose records live for a time: for that time

local LONGEST_REASON = 300

local kinds -- by name: what library.cpp says of each, and its apply and queries
local some_may_refuse = false -- of the kinds; else none of the family waits, and nobody is looked for who does
local current -- the kind whose code runs

local function part_of_text(from, to)
  return function(record) return string.sub(record.text, from, to) end
end

local function time_at(from)
  return function(record) return tonumber(string.sub(record.text, from, from + 15)) end
end

local lazy = {
  arrival = time_at(1),
  event_time = time_at(17),
  batch = part_of_text(33, 68),
  upload = part_of_text(69, 104),
}

-- One of a time when it was not noted is of no part.
function lazy.part(record) return tonumber(string.match(record.text, "^%x*;(%d+)", LEAST_HEADER + 1)) or 0 end

function lazy.key(record) return string.sub(record.full_key, #record.kind.records + 1) end

local function fields_text(text) return string.sub(text, (string.find(text, "{", LEAST_HEADER + 1, true))) end

local function decode_cached(text) return decode(fields_text(text)) end

function lazy.fields(record)
  if record.deleted then return {} end
  return record.apart and decode(record.apart) or decode_cached(record.text)
end

-- The list of texts in front of the fields, by its kind's names for them. Of a record that was kept without it, what
-- is there: the texts as they came.
function lazy.folded(record)
  local from, to = string.find(record.text, "[", LEAST_HEADER + 1, true), string.find(record.text, "{", 1, true)
  if not to then return {} end
  if not from or from > to then return record.fields end
  local texts, folded = decode(string.sub(record.text, from, to - 1)), {}
  for index, name in ipairs((record.kind or current).folded) do
    if texts[index] ~= NULL then folded[name] = texts[index] end
  end
  return folded
end

local NOBODY = {text = "", parts = 1, first = 0, principal = "", has = {}}

-- Who sent a part, what they may, and its place in the upload, of what sender_of() of services/cache/redis/views.cpp
-- says.
local function read_sender(text)
  if text == "" then return NOBODY end
  local sender, has = decode(text), {}
  for _, role in ipairs(sender.roles) do has[role] = true end
  sender.text, sender.has = text, has
  sender.kind, sender.key = string.match(sender.principal, "^([^/]+)/(.*)$")
  return sender
end

function lazy.sender(record) return read_sender(record.sender_text or "") end

local function member(record, name)
  if name == "packed" then return record.text end -- one line of text, for views to keep
  local make = lazy[name]
  local value = make and make(record)
  if value ~= nil then record[name] = value end
  return value
end

local Record = {__index = member, __metatable = false}

-- A cached text as a record, or as a deletion, unless its time was over by then (ms). A text without header is of a
-- time when its kind had no views.
local function cached_or_deleted(text, kind, full_key, at)
  if string.byte(text) == 123 then text = string.format("%016d%88s", 0, "") .. text end -- "{"
  local deleted = not string.find(text, "{", LEAST_HEADER + 1, true)
  -- What is nil here has its place already, for a table that grows is made anew.
  local record = setmetatable({text = text, kind = kind, full_key = full_key, deleted = deleted, arrival = nil,
                               event_time = nil, fields = nil}, Record)
  local life = deleted and kind.memory or kind.ttl
  local over = life > 0 and at >= record.arrival + life * 1000
  return not over and record or nil
end

local function cached(text, kind, full_key, at)
  local record = cached_or_deleted(text, kind, full_key, at)
  return record and not record.deleted and record or nil
end

function lazy.latest(record)
  return record.before and cached_or_deleted(record.before, record.kind, record.full_key, record.arrival) or nil
end

function lazy.previous(record)
  local latest = record.latest
  return latest and not latest.deleted and latest or nil
end

-- By their bytes, which is the order of Redis; Lua's own is that of some language.
local function precedes(one, other)
  if one == other then return false end
  for index = 1, math.min(#one, #other) do
    local a, b = string.byte(one, index), string.byte(other, index)
    if a ~= b then return a < b end
  end
  return #one < #other
end

-- Where a kind is ordered, a record is of its own time, though never of one that lies ahead of its arrival.
local function time_of(record)
  local own = record.kind.ordered and record.event_time
  return own and own < record.arrival and own or record.arrival
end

-- docs/KINDS.md, "What is older". Records of one part are applied in their order, so that none is older than another.
local function is_older(one, other)
  local a, b = time_of(one), time_of(other)
  if a == b then a, b = one.arrival, other.arrival end
  if a ~= b then return a < b end
  if one.upload ~= other.upload then return precedes(one.upload, other.upload) end
  return one.part < other.part
end

-- The record of a packed text. Its key and what was before it are gone.
local function unpack_record(text) return setmetatable({text = text}, Record) end

local function read_record(kind, full_key)
  local text = run.records[kind.name][full_key]
  if text == nil then text = host.get(full_key) end
  return text or nil
end

local function commit_records()
  for name, written in pairs(run.records) do
    local kind = kinds[name]
    for key, text in pairs(written) do
      local life = string.find(text, "{", LEAST_HEADER + 1, true) and kind.ttl or kind.memory
      host.set(key, text, life > 0 and life * 1000 or nil)
    end
  end
end
