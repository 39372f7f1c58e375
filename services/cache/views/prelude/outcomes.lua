-- What became of an upload: hash <prefix>:outcome:<upload>, kept for a day from its arrival.
--
--   principal   who sent it; only if somebody did
--   parts       how many there are
--   part:<n>    how many records the n-th has, once it is applied
--   <index>     of a record that was not applied, by its number in the upload, from 0: {"key", "outcome", "reason"},
--               the outcome being "refused" or "late"; of so many records at most
--   more        how many more there are
--
-- It is written if it has a sender, or something was not applied.

local MOST_NOT_APPLIED = 100

local LATE = "a newer one had come before"

-- What is thrown away of a long text is whole characters.
local function shortened(text)
  if #text <= LONGEST_REASON then return text end
  return (string.gsub(string.sub(text, 1, LONGEST_REASON), "[\192-\255][\128-\191]*$", ""))
end

local function outcome_key(kind, upload) return kind.outcomes .. upload end

local function outcome_entry(key, outcome, reason)
  return encode({key = key, outcome = outcome, reason = shortened(reason)})
end

local function count_listed(key)
  local count = 0
  for name in pairs(host.fields(key)) do
    if string.find(name, "^%d") then count = count + 1 end
  end
  return count
end

-- `not_applied`: by numbers in the part, from 1.
local function commit_outcome(part)
  local sender, numbers = part.sender, {}
  for number in pairs(part.not_applied) do numbers[#numbers + 1] = number end
  if (not sender.kind and #numbers == 0) or part.outcome_left <= 0 then return end
  local key = outcome_key(part.kind, part.upload)
  local fields = {parts = sender.parts, ["part:" .. part.place] = part.count}
  if sender.kind then fields.principal = sender.principal end
  table.sort(numbers)
  local room = #numbers > 0 and MOST_NOT_APPLIED - count_listed(key) or 0
  for index = 1, math.min(room, #numbers) do
    local number, what = numbers[index], part.not_applied[numbers[index]]
    fields[sender.first + number - 1] = outcome_entry(what.key, what.outcome, what.reason)
  end
  host.set_fields(key, fields)
  if #numbers > room then host.add_to_field(key, "more", #numbers - math.max(room, 0)) end
  host.expire(key, part.outcome_left)
end

-- One that waited has been applied (`outcome` nil), or not, for another reason. What the upload's entry tells of
-- itself is then told no more.
local function settle_outcome(record, outcome, reason)
  local place = rawget(record, "place")
  if not place then return end
  local number = tonumber(string.match(place, ":(%d+)$"))
  local key, index = outcome_key(record.kind, record.upload), string.format("%.0f", record.sender.first + number - 1)
  local fields = host.fields(key)
  if outcome then
    if fields[index] then host.set_fields(key, {[index] = outcome_entry(record.key, outcome, reason)}) end
  elseif fields[index] then
    host.delete_field(key, index)
  elseif tonumber(fields.more or 0) > 0 then
    host.add_to_field(key, "more", -1)
  end
end
