-- A client in two places at once: the place of each transaction is compared with the one that the cache
-- holds for the same client. A transaction that is flagged does not replace what it was compared with.

local SUSPECTS = "suspects" -- sorted: client, by the arrival of the transaction that was flagged last
local KEPT = 20 -- comparisons of one client, the latest
local RULES = {"window", "travel_time"} -- each the name of the parameter with its limit

local function place(texts, parameters)
  local address = string.gsub(texts.endereco, " ?, ?", ",")
  if parameters.compare == "city" then return string.match(address, "^[^,]*,[^,]*") or address end
  return address
end

-- One that was kept before texts were folded is the same place at least where it is written the same.
local function is_same_place(one, other, parameters)
  return place(one.fields, parameters) == place(other.fields, parameters)
         or place(one.folded, parameters) == place(other.folded, parameters)
end

-- How far these two are apart by each rule, in milliseconds.
local function gaps(one, other)
  local event_times = one.event_time and other.event_time
  return {window = math.abs(other.arrival - one.arrival),
          travel_time = event_times and math.abs(other.event_time - one.event_time)}
end

-- The rules by which these two, in different places, cannot both be right, or nil.
local function broken_rules(one, other, parameters)
  local gap, broken = gaps(one, other), {}
  for _, rule in ipairs(RULES) do
    if gap[rule] and gap[rule] < parameters[rule] then broken[#broken + 1] = rule end
  end
  return broken[1] and broken
end

-- Another system is told of a client who becomes suspected, and not of every place more.
local function tell(client, flagged, rules, parameters)
  local suspected = db.score(SUSPECTS, client)
  if suspected and flagged.arrival < suspected + parameters.flag_time then return end
  react("tell_flag", {client = client, at = rfc3339(flagged.arrival), rules = rules,
                      till = rfc3339(flagged.arrival + parameters.flag_time)})
end

local function remember(client, earlier, later, parameters)
  db.append("comparisons:" .. client, earlier.packed .. "\n" .. later.packed, {keep = KEPT, ttl = parameters.flag_time})
  db.rank(SUSPECTS, client, later.arrival)
  db.unrank_below(SUSPECTS, later.arrival - parameters.flag_time)
end

local function apply(record, context)
  local previous = record.previous
  if record.deleted or not previous then return nil end
  -- One that came before what is known, and only now gets here, does not replace it either.
  local is_late = record.late
  if is_same_place(previous, record, context.parameters) then
    return is_late and {keep_previous = true} or nil
  end
  local rules = broken_rules(previous, record, context.parameters)
  if rules then
    local earlier, later = is_late and record or previous, is_late and previous or record
    if context.parameters.receiver ~= "" then tell(record.key, later, rules, context.parameters) end
    remember(record.key, earlier, later, context.parameters)
  end
  return {keep_previous = is_late or rules ~= nil, flags = rules}
end

local function is_flagged(arrival, context)
  return arrival ~= nil and context.now < arrival + context.parameters.flag_time
end

local queries = {}

queries["check-fraud"] = function(arguments, context)
  return {isFraud = is_flagged(db.score(SUSPECTS, arguments.transactionId), context)}
end

local function shown(one)
  return {place = one.fields.endereco, event_time = one.event_time and rfc3339(one.event_time) or nil,
          arrived_at = rfc3339(one.arrival), object = object_link(one.batch, one.upload)}
end

local function reasons(earlier, later, parameters)
  local gap, list = gaps(earlier, later), {}
  for index, rule in ipairs(broken_rules(earlier, later, parameters) or {}) do
    list[index] = {rule = rule, apart_seconds = gap[rule] / 1000, limit_seconds = parameters[rule] / 1000}
  end
  return list
end

-- What was kept is shown by the rules of today.
function queries.report(arguments, context)
  local parameters, arrival = context.parameters, db.score(SUSPECTS, arguments.key)
  if not is_flagged(arrival, context) then return nil end
  local comparisons = {}
  for _, kept in ipairs(db.list("comparisons:" .. arguments.key)) do
    local first, second = string.match(kept, "^([^\n]*)\n(.*)$")
    local earlier, later = unpack_record(first), unpack_record(second)
    if is_flagged(later.arrival, context) then
      table.insert(comparisons, {compared = parameters.compare, reasons = reasons(earlier, later, parameters),
                                 earlier = shown(earlier), later = shown(later)})
    end
  end
  return {transactionId = arguments.key, flagged_until = rfc3339(arrival + parameters.flag_time),
          comparisons = comparisons}
end

-- The latest first, so that behind one that is over all are.
function queries.flags(arguments, context)
  local flags = {}
  local page, cursor = db.page(SUSPECTS, arguments, {descending = true})
  for _, entry in ipairs(page) do
    if not is_flagged(entry.score, context) then return {flags = flags} end
    table.insert(flags, {transactionId = entry.member, flagged_at = rfc3339(entry.score),
                         flagged_until = rfc3339(entry.score + context.parameters.flag_time)})
  end
  return {flags = flags, cursor = cursor}
end

return {apply = apply, queries = queries}
