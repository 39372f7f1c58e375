-- JSON and times as they are written. The first of the files that make up each library of views, in the order
-- of services/cache/CMakeLists.txt; behind them come the kinds (services/cache/views/library.h). While Redis
-- loads a library there are no globals, not even `string`: they are there when a function is called.

local HIGHEST_WHOLE = 2 ^ 53 -- beyond, a number of Lua does not know its last digit
local MS_PER_DAY = 24 * 60 * 60 * 1000
local FIRST_MS, LAST_MS = -62135596800000, 253402300799999 -- 0001-01-01T00:00:00.000Z, 9999-12-31T23:59:59.999Z
local CHANGES_UNTIL = 14768697600 -- seconds: 2438-01-01 (kChangesUntil in time_zone.h)
local CALENDAR_REPEATS = 146097 * 24 * 60 * 60 -- seconds: 400 years

local function encode_text(text)
  if not string.find(text, '[%c"\\]') then return '"' .. text .. '"' end
  return (string.gsub(cjson.encode(text), "\\/", "/"))
end

local function encode_number(number)
  if number ~= number or math.abs(number) == math.huge then error("JSON has no such number", 0) end
  if number == math.floor(number) and math.abs(number) <= HIGHEST_WHOLE then return string.format("%.0f", number) end
  local short = string.format("%.15g", number)
  return tonumber(short) == number and short or string.format("%.17g", number)
end

local JSON = {} -- marks what is JSON already

local function as_it_is(json) return setmetatable({json = json}, JSON) end

local encode

local function encode_list(list)
  local pieces = {}
  for index = 1, #list do pieces[index] = encode(list[index]) end
  return "[" .. table.concat(pieces, ",") .. "]"
end

-- Members by name, so that the same data is the same text.
local function encode_object(object)
  local names, texts = {}, {}
  for name, value in pairs(object) do
    local text = tostring(name)
    names[#names + 1], texts[text] = text, encode(value)
  end
  table.sort(names)
  for index, name in ipairs(names) do names[index] = encode_text(name) .. ":" .. texts[name] end
  return "{" .. table.concat(names, ",") .. "}"
end

-- An empty table is a list.
function encode(value)
  local kind = type(value)
  if kind == "string" then return encode_text(value) end
  if kind == "number" then return encode_number(value) end
  if kind == "boolean" then return tostring(value) end
  if value == nil or value == cjson.null then return "null" end
  if kind ~= "table" then error("JSON cannot write a " .. kind, 0) end
  if getmetatable(value) == JSON then return value.json end
  if #value > 0 or next(value) == nil then return encode_list(value) end
  return encode_object(value)
end

-- Whether cjson, which is ten times faster, writes what is in the table without loss: its numbers have 14 digits,
-- and its lists no holes.
local function suits_cjson(value)
  local length = #value
  for name, member in pairs(value) do
    if type(name) ~= "string" and (type(name) ~= "number" or name < 1 or name > length) then return false end
    local kind = type(member)
    if kind == "table" then
      if not suits_cjson(member) then return false end
    elseif kind == "number" and (member % 1 ~= 0 or math.abs(member) >= 1e14) then
      if tonumber(string.format("%.14g", member)) ~= member then return false end
    end
  end
  return true
end

-- For what only Lua will read again: the same data may become another text. A text stays as it is, behind a mark.
local function encode_kept(value)
  local kind = type(value)
  if kind == "string" then return "=" .. value end
  return kind == "table" and suits_cjson(value) and cjson.encode(value) or encode(value)
end

local function decode_kept(text)
  if string.byte(text) == 61 then return string.sub(text, 2) end -- "="
  return cjson.decode(text)
end

-- Year, month and day of a number of days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date
-- algorithms", civil_from_days).
local function civil(days)
  local shifted = days + 719468
  local era = math.floor(shifted / 146097)
  local of_era = shifted - era * 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
                           - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  local day = of_year - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end

-- `2026-11-22` of milliseconds since 1970 on some clock. Of a day that cannot be written so, the nearest that can.
local function written_day(ms)
  return string.format("%04d-%02d-%02d", civil(math.floor(math.max(FIRST_MS, math.min(ms, LAST_MS)) / MS_PER_DAY)))
end

-- The seconds that the clocks of a zone are ahead of UTC. It is told of all changes up to 2438; what comes later
-- is as 400 years before.
local function offset_at(zone, ms)
  local seconds = math.floor(ms / 1000)
  if seconds >= CHANGES_UNTIL then
    seconds = CHANGES_UNTIL - CALENDAR_REPEATS + (seconds - CHANGES_UNTIL) % CALENDAR_REPEATS
  end
  local low, high = 0, #zone.at -- the changes up to low are before, those behind high are not
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if zone.at[middle] <= seconds then low = middle else high = middle - 1 end
  end
  return zone.offsets[low + 1]
end

-- `2026-11-22T14:03:05.123Z`
local function rfc3339(ms)
  ms = math.max(FIRST_MS, math.min(ms, LAST_MS))
  local of_day = ms % MS_PER_DAY
  local seconds = math.floor(of_day / 1000)
  return string.format("%sT%02d:%02d:%02d.%03dZ", written_day(ms), math.floor(seconds / 3600),
                       math.floor(seconds / 60) % 60, seconds % 60, math.floor(of_day % 1000))
end
