-- What was paid for an order, of all that the provider has said: its payments, its merchant orders and its own orders
-- tell of the same money, so the largest of their sums counts. An order is paid once that covers its total, whatever
-- becomes of the money then: what is given back or disputed is seen.

local ANY = "" -- in the name of a list: whatever it means
local UNCLEAR = "unclear" -- it changes nothing, and is kept in sight

local MEANINGS = {
  approved = "completed", closed = "completed", processed = "completed",
  created = "pending", opened = "pending", pending = "pending", processing = "pending", in_review = "pending",
  action_required = "pending",
  cancelled = "cancelled", canceled = "cancelled", expired = "cancelled",
  refunded = "refunded", partially_refunded = "partially_refunded", failed = "failed",
}
local LAPSES = {order = true, merchant_order = true} -- whose end is that of the QR code

local function list_of(meaning) return "payments:" .. meaning end -- sorted: payment, by its arrival

-- Of 53.5 or "53.50".
local function cents(amount) return math.floor((tonumber(amount) or 0) * 100 + 0.5) end

local function text_or_nil(value) return type(value) == "string" and value ~= "" and value or nil end

local function meaning_of(fields)
  local meaning = MEANINGS[fields.status] or UNCLEAR
  return meaning == "completed" and cents(fields.refunded) > 0 and "partially_refunded" or meaning
end

-- A merchant order tells of what has been paid before it is all.
local function received_by(fields, meaning)
  local counts = meaning == "completed" or meaning == "partially_refunded"
                 or (fields.source == "merchant_order" and meaning == "pending")
  return counts and math.max(0, cents(fields.amount) - cents(fields.refunded)) or 0
end

local function returned_by(fields, meaning)
  if fields.status == "charged_back" then return "charged_back" end
  return (meaning == "refunded" or meaning == "partially_refunded") and meaning or nil
end

-- What all that is known of an order's payments comes to.
local function sum_up(money)
  local sums, most = {}, 0
  money.returned, money.lapsed = nil, nil
  for _, told in pairs(money.told) do
    sums[told.source] = (sums[told.source] or 0) + told.received
    most = math.max(most, sums[told.source])
    money.returned = money.returned or told.returned
    money.lapsed = money.lapsed or told.lapsed
  end
  money.received = most
end

local function add(money, key, fields, meaning)
  if fields.source == "charge" then
    money.qr, money.failed = text_or_nil(fields.qr), meaning == "failed" or nil
    return
  end
  money.told[key] = {source = fields.source, received = received_by(fields, meaning),
                     returned = returned_by(fields, meaning),
                     lapsed = LAPSES[fields.source] and meaning == "cancelled" or nil}
  sum_up(money)
end

local function enter_paid(order, record, kept)
  table.insert(order.history, {from = order.state, to = "paid", at = record.arrival, who = "payment/" .. record.key})
  order.state, order.paid_at, order.version = "paid", record.arrival, order.version + 1
  db.unrank("in:placed", order.id)
  db.rank("in:paid", order.id, order.placed_at)
  db.set("order:" .. order.id, order, kept)
end

local function is_paid(order, money) return order.state == "placed" and money.received >= order.total end

-- What was paid though the order is cancelled, or beyond its total, or twice: by the provider and at the counter.
local function due_back(order, money)
  if order.state == "cancelled" or order.at_counter then return money.received end
  return math.max(0, money.received - (order.total or 0))
end

local function note(order, money, record, kept)
  db.set("money:" .. order.id, money, kept)
  if due_back(order, money) > 0 then
    db.rank("refunds", order.id, record.arrival)
  else
    db.unrank("refunds", order.id)
  end
  if is_paid(order, money) then enter_paid(order, record, kept) end
end

local function show(record, meaning, kept)
  local previous = record.previous and record.previous.fields
  if previous then db.unrank(list_of(meaning_of(previous)), record.key) end
  for _, list in ipairs({ANY, meaning}) do
    db.rank(list_of(list), record.key, record.arrival)
    db.unrank_below(list_of(list), record.arrival - kept)
  end
end

local function apply(record, context)
  if record.deleted then refuse("what the provider said stays") end
  local fields, kept = record.fields, context.parameters.kept
  local meaning, id = meaning_of(fields), text_or_nil(fields.order)
  show(record, meaning, kept)
  local order = id and db.get("order:" .. id)
  if not order then return end
  local money = db.get("money:" .. id) or {told = {}, received = 0}
  add(money, record.key, fields, meaning)
  note(order, money, record, kept)
end

local queries = {}

-- The latest first.
function queries.list(arguments)
  local payments = {}
  local function is_there(entry) return db.record("payment", entry.member) ~= nil end
  local page, cursor = db.page(list_of(arguments.status or ANY), arguments, {descending = true, where = is_there})
  for index, entry in ipairs(page) do
    local fields = db.record("payment", entry.member)
    local order = text_or_nil(fields.order) and db.get("order:" .. fields.order) or {}
    payments[index] = {id = entry.member, order = text_or_nil(fields.order), number = order.number,
                       source = fields.source, status = fields.status, meaning = meaning_of(fields),
                       amount = cents(fields.amount), refunded = cents(fields.refunded),
                       reason = text_or_nil(fields.reason), at = rfc3339(entry.score)}
  end
  return {payments = payments, cursor = cursor}
end

-- Of which orders money is to be given back, at the provider.
function queries.refunds(arguments)
  local orders = {}
  local page, cursor = db.page("refunds", arguments, {descending = true, where = function(entry)
    return db.get("order:" .. entry.member) ~= nil
  end})
  for index, entry in ipairs(page) do
    local order, money = db.get("order:" .. entry.member), db.get("money:" .. entry.member)
    orders[index] = {id = order.id, number = order.number, state = order.state, total = order.total,
                     received = money.received, due = due_back(order, money), at = rfc3339(entry.score)}
  end
  return {orders = orders, cursor = cursor}
end

return {apply = apply, queries = queries}
