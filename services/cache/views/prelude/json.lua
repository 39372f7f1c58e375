-- JSON and times as they are written. The first of the files that make up each library of views, in the order
-- of services/cache/CMakeLists.txt; behind them come the kinds (services/cache/views/library.h). What stands outside is
-- asked of `host` (services/cache/redis/host.h).

local HIGHEST_WHOLE = 2 ^ 53 -- beyond, a number of Lua does not know its last digit
local MS_PER_DAY = 24 * 60 * 60 * 1000
local FIRST_MS, LAST_MS = -62135596800000, 253402300799999 -- 0001-01-01T00:00:00.000Z, 9999-12-31T23:59:59.999Z
local CHANGES_UNTIL = 14768697600 -- seconds: 2438-01-01 (kChangesUntil in time_zone.h)
local CALENDAR_REPEATS = 146097 * 24 * 60 * 60 -- seconds: 400 years

local encode, decode, as_it_is, NULL = host.encode, host.decode, host.as_it_is, host.null

-- A text stays as it is, behind a mark.
local function encode_kept(value) return type(value) == "string" and "=" .. value or encode(value) end

local function decode_kept(text)
  if string.byte(text) == 61 then return string.sub(text, 2) end -- "="
  return decode(text)
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
