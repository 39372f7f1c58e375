-- What views.lua may use: docs/KINDS.md. Each kind has names of its own, or those of another of its
-- family.

local LONGEST_LIST = 1000
local LARGEST_PAGE = 1000
local LONGEST_MEMBER = 1024 -- bytes; a cursor is at most 25 longer (kMaxCursorBytes in common/kinds/views.h)

local function of_family(kind_name)
  return kinds[kind_name] or error("no kind of this family: " .. tostring(kind_name), 3)
end

local LONGEST_TTL = 1e15 -- ms: beyond, Redis knows no moment

-- Of a name, a key or a member of a set. A whole number keeps its last digit.
local function text_or_fail(name, what)
  if type(name) == "number" and math.floor(name) == name and math.abs(name) <= HIGHEST_WHOLE then
    return string.format("%.0f", name)
  end
  if type(name) ~= "string" and type(name) ~= "number" then error(what .. " must be text", 3) end
  return tostring(name)
end

local function named(what, name, kind) return (kind or current).names .. what .. text_or_fail(name, "a name") end

local function number_or_fail(value, what)
  if type(value) ~= "number" or value ~= value then error(what .. " must be a number", 3) end
  return value
end

local function ttl_or_fail(ttl)
  if ttl == nil then return nil end
  if number_or_fail(ttl, "a time to live") < 1 or ttl > LONGEST_TTL then
    error("a time to live must be from 1 to " .. string.format("%.0f", LONGEST_TTL), 3)
  end
  return math.floor(ttl)
end

local db = {}

function db.get(name, kind_name) return read_value(named("value:", name, kind_name and of_family(kind_name))) end

function db.set(name, value, ttl)
  write_text(named("value:", name), encode_kept(value), ttl_or_fail(ttl))
end

function db.delete(name) write_text(named("value:", name), false) end

function db.increment(name, by)
  local key = named("value:", name)
  local sum = number_or_fail(read_value(key) or 0, "what is incremented") + number_or_fail(by, "an increment")
  if math.abs(sum) > HIGHEST_WHOLE then error("a sum beyond 2^53", 2) end
  write_text(key, encode(sum))
  return sum
end

function db.score(set, member) return read_score(named("sorted:", set), text_or_fail(member, "a member")) end

function db.rank(set, member, score)
  member = text_or_fail(member, "a member")
  if #member > LONGEST_MEMBER then error("a member has at most " .. LONGEST_MEMBER .. " bytes", 2) end
  write_score(named("sorted:", set), member, number_or_fail(score, "a score"))
end

function db.unrank(set, member) write_score(named("sorted:", set), text_or_fail(member, "a member"), false) end

function db.unrank_below(set, score) remove_below(named("sorted:", set), number_or_fail(score, "a score")) end

function db.append(name, value, options)
  local keep = number_or_fail(options and options.keep, "keep")
  if keep < 1 or keep > LONGEST_LIST then error("keep must be from 1 to " .. LONGEST_LIST, 2) end
  append(named("list:", name), encode_kept(value), math.floor(keep), ttl_or_fail(options.ttl))
end

local function cached_of(kind, key)
  key = text_or_fail(key, "a key")
  local text = read_record(kind, kind.records .. key)
  return text and cached(text, kind, kind.records .. key, run.now)
end

function db.record(kind_name, key)
  local record = cached_of(of_family(kind_name), key)
  return record and record.fields
end

function db.folded(kind_name, key)
  local record = cached_of(of_family(kind_name), key)
  return record and record.folded
end

local function only_in_queries()
  if not run.read_only then error("only queries may read several entries", 3) end
end

function db.list(name)
  only_in_queries()
  local values = host.read("LRANGE", named("list:", name), 0, -1)
  for index, text in ipairs(values) do values[index] = decode_kept(text) end
  return values
end

-- Redis' flat list of members and scores.
local function as_entries(flat)
  local entries = {}
  for index = 1, #flat, 2 do
    entries[#entries + 1] = {member = flat[index], score = tonumber(flat[index + 1])}
  end
  return entries
end

local function size_of_page(limit)
  return math.max(1, math.min(tonumber(limit) or 100, LARGEST_PAGE))
end

-- Of an end of a range: a score, one as text, perhaps behind "(", which leaves it out, or -inf and +inf.
local function end_or_fail(bound)
  if type(bound) == "number" and bound == bound then return bound end
  local number = type(bound) == "string" and string.match(bound, "^%(?(.+)$")
  if not number or not (tonumber(number) or number == "-inf" or number == "+inf") then
    error("min and max must be scores", 3)
  end
  return bound
end

function db.ranked(set, options)
  only_in_queries()
  local from, to = end_or_fail(options.min or "-inf"), end_or_fail(options.max or "+inf")
  if options.descending then from, to = to, from end
  local command = {"ZRANGE", named("sorted:", set), from, to, "BYSCORE"}
  if options.descending then command[#command + 1] = "REV" end
  for _, word in ipairs({"LIMIT", 0, size_of_page(options.limit), "WITHSCORES"}) do command[#command + 1] = word end
  return as_entries(host.read(unpack(command)))
end

local function score_text(score) return string.format("%.17g", score) end

-- How many entries have that score or a lesser one, of those with that score the members before `last` and, if it
-- is there, itself. So nothing hangs on whether it is there.
local function count_up_to(key, score, last, with_last)
  local lesser = host.number("ZCOUNT", key, "-inf", "(" .. score_text(score))
  local low, high = lesser, lesser + host.number("ZCOUNT", key, score_text(score), score_text(score))
  while low < high do
    local middle = math.floor((low + high) / 2)
    local member = host.read("ZRANGE", key, middle, middle)[1]
    if not member then return low end -- not known yet
    if precedes(member, last) or (with_last and member == last) then low = middle + 1 else high = middle end
  end
  return low
end

-- A cursor is the entry that was shown last: its score and its name.
local function cursor_behind(entry) return score_text(entry.score) .. ";" .. entry.member end

local function rank_behind(key, cursor, descending)
  local score, last = string.match(cursor, "^([^;]+);(.*)$")
  score = tonumber(score)
  if not score or score ~= score then error({bad_argument = "cursor"}, 0) end
  if descending then return host.number("ZCARD", key) - count_up_to(key, score, last, false) end
  return count_up_to(key, score, last, true)
end

-- The entries behind the cursor, and the cursor of the next page, nil if there is none.
local function page_of(key, arguments, descending)
  local size = size_of_page(arguments.limit)
  local first = arguments.cursor and rank_behind(key, arguments.cursor, descending) or 0
  local flat = host.read(descending and "ZREVRANGE" or "ZRANGE", key, first, first + size, "WITHSCORES")
  local entries = as_entries(flat)
  if #entries <= size then return entries, nil end
  entries[#entries] = nil
  return entries, cursor_behind(entries[size])
end

-- Those for which `where` has something to say. Of many that it passes over a page shows the fewer: it looks through
-- no more than the largest page.
local function page_where(key, arguments, descending, where)
  local entries, size = {}, size_of_page(arguments.limit)
  local looked_at, cursor = page_of(key, {limit = LARGEST_PAGE, cursor = arguments.cursor}, descending)
  for index, entry in ipairs(looked_at) do
    if where(entry) then
      if #entries == size then return entries, cursor_behind(looked_at[index - 1]) end
      entries[#entries + 1] = entry
    end
  end
  return entries, cursor
end

function db.page(set, arguments, options)
  only_in_queries()
  local key, descending, where = named("sorted:", set), options and options.descending, options and options.where
  if where then return page_where(key, arguments, descending, where) end
  return page_of(key, arguments, descending)
end

-- The day on the clocks of the kind's time zone.
local function date_of(ms) return written_day(ms + 1000 * offset_at(current.time_zone, ms)) end

-- An object's name has the day of UTC.
local function object_link(batch, upload)
  local date = written_day(tonumber(string.sub(batch, 1, 8) .. string.sub(batch, 10, 13), 16))
  return string.format("/api/v1/objects/%s/%s/%s.ndjson?upload=%s", current.name, string.gsub(date, "-", "/"),
                       batch, upload)
end
