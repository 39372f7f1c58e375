-- A client in two places at once: the place of each transaction is compared with the one that the cache
-- holds for the same client. A transaction that is flagged does not replace what it was compared with.

local SUSPECTS = "suspects" -- sorted: client, by the arrival of the transaction that was flagged last
local KEPT = 20 -- comparisons of one client, the latest

local function place(address, parameters)
  if parameters.compare == "city" then return string.match(address, "^[^,]*,[^,]*") or address end
  return address
end

local function is_same_place(one, other, parameters)
  return place(one.fields.endereco, parameters) == place(other.fields.endereco, parameters)
end

-- Why these two, in different places, cannot both be right, or nil. Times in milliseconds.
local function find_reasons(earlier, later, parameters)
  local reasons = {}
  local function compare(rule, one, other, limit)
    local apart = one and other and math.abs(other - one)
    if apart and apart < limit then
      table.insert(reasons, {rule = rule, apart_seconds = apart / 1000, limit_seconds = limit / 1000})
    end
  end
  compare("window", earlier.arrival, later.arrival, parameters.window)
  compare("travel_time", earlier.event_time, later.event_time, parameters.travel_time)
  return reasons[1] and reasons
end

local function seen(record)
  return {address = record.fields.endereco, event_time = record.event_time, arrival = record.arrival,
          batch = record.batch, upload = record.upload}
end

local function remember(client, comparison, parameters)
  db.append("comparisons:" .. client, comparison, {keep = KEPT, ttl = parameters.flag_time})
  db.rank(SUSPECTS, client, comparison.later.arrival)
  db.unrank_below(SUSPECTS, comparison.later.arrival - parameters.flag_time)
end

-- The rules that these two break, or nil.
local function compare(client, earlier, later, parameters)
  local reasons = find_reasons(earlier, later, parameters)
  if not reasons then return nil end
  remember(client, {compared = parameters.compare, reasons = reasons, earlier = earlier, later = later}, parameters)
  local rules = {}
  for index, reason in ipairs(reasons) do rules[index] = reason.rule end
  return rules
end

local function apply(record, context)
  local previous = record.previous
  if record.deleted or not previous then return nil end
  -- One that came before what is known, and only now gets here, does not replace it either.
  local is_late = record.arrival < previous.arrival
  if is_same_place(previous, record, context.parameters) then
    return is_late and {keep_previous = true} or nil
  end
  local earlier, later = seen(previous), seen(record)
  if is_late then earlier, later = later, earlier end
  local rules = compare(record.key, earlier, later, context.parameters)
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
  return {place = one.address, event_time = one.event_time and rfc3339(one.event_time) or nil,
          arrived_at = rfc3339(one.arrival), object = object_link(one.batch, one.upload)}
end

function queries.report(arguments, context)
  local flag_time, arrival = context.parameters.flag_time, db.score(SUSPECTS, arguments.key)
  if not is_flagged(arrival, context) then return nil end
  local comparisons = {}
  for _, one in ipairs(db.list("comparisons:" .. arguments.key)) do
    if is_flagged(one.later.arrival, context) then
      table.insert(comparisons, {compared = one.compared, reasons = one.reasons,
                                 earlier = shown(one.earlier), later = shown(one.later)})
    end
  end
  return {transactionId = arguments.key, flagged_until = rfc3339(arrival + flag_time), comparisons = comparisons}
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
