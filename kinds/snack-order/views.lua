-- The orders as people see them. How far one has come is kept as order:<id>, what was paid for it as money:<id>: moves
-- and payments change them (kinds/snack-move/views.lua, kinds/payment/views.lua).

local IN_THE_KITCHEN = {"ready", "preparing", "paid"} -- in the order in which they are shown
local CATEGORIES = {waiting_burgers = "burgers", waiting_sides = "sides", waiting_drinks = "drinks",
                    waiting_desserts = "desserts"}
local NOT_OPEN = {paid = true, preparing = true, ready = true, completed = true, cancelled = true}
local MOST = 1000 -- orders in the kitchen

local function order_of(id) return db.get("order:" .. id) end
local function orders_of(customer) return "orders:" .. customer end -- sorted: order, by its arrival
local function latest_of(customer) return "latest:" .. customer end -- their order
local function orders_in(state) return "in:" .. state end -- sorted: order, by when it was placed

-- One that is placed, and not paid, is open still.
local function hold_that_none_is_open(customer)
  local latest = db.get(latest_of(customer))
  local order = latest and order_of(latest)
  if order and not NOT_OPEN[order.state] then refuse("you have an order that is not paid yet") end
end

local function apply(record, context)
  if record.deleted then refuse("an order is cancelled, not deleted") end
  if order_of(record.key) then return {keep_previous = true} end -- come again
  if record.previous then refuse("an order is changed by moves") end
  local sender, parameters = record.sender, context.parameters
  local is_customer = sender.kind == "snack-customer"
  local customer = record.fields.customer or (is_customer and sender.key) or nil
  if customer then
    if is_customer then hold_that_none_is_open(customer) end -- admins bring in what there is
    db.set(latest_of(customer), record.key, parameters.kept)
    db.unrank_below(orders_of(customer), record.arrival - parameters.kept)
    db.rank(orders_of(customer), record.key, record.arrival)
  end
  db.set("order:" .. record.key, {id = record.key, customer = customer, state = "pending", version = 1, lines = {}},
         parameters.unplaced)
  return customer and {stamps = {customer = customer}} or nil
end

-- A line of an order with its title and price: those of the menu, until it is placed.
local function shown_line(order, line)
  local item = order.placed_at and line or db.record("menu-item", line.item) or {}
  return {order = order.id, item = line.item, title = item.title or line.item, category = line.category,
          quantity = line.quantity, note = line.note, price = item.price,
          sum = item.price and item.price * line.quantity, available = item.title ~= nil and item.available ~= false}
end

local function shown_lines(order)
  local lines, total = {}, 0
  for index, line in ipairs(order.lines) do
    lines[index] = shown_line(order, line)
    total = total + (lines[index].sum or 0)
  end
  return lines, order.total or total
end

-- How it stands with the payment of an order that is placed: counter, waiting, qr, failed, partial or lapsed while it
-- is unpaid; paid, refunded, partially_refunded or charged_back behind.
local function payment_of(order, money, parameters)
  if order.state ~= "placed" then return money.returned or (money.received > 0 or order.paid_at) and "paid" or nil end
  if money.received > 0 then return "partial" end
  if money.lapsed then return "lapsed" end
  if money.failed or parameters.provider == "" then return money.failed and "failed" or "counter" end
  return money.qr and "qr" or "waiting"
end

local function money_of(id) return db.get("money:" .. id) or {received = 0} end

local queries = {}

function queries.order(arguments, context)
  local order = order_of(arguments.order)
  if not order then return nil end
  local lines, total = shown_lines(order)
  local money = money_of(order.id)
  local payment = order.placed_at and payment_of(order, money, context.parameters) or nil
  return {id = order.id, state = order.state, version = string.format("%.0f", order.version), number = order.number,
          items = lines, total = total, payment = payment, qr = payment == "qr" and money.qr or nil,
          received = payment and money.received or nil, placed_at = order.placed_at and rfc3339(order.placed_at)}
end

function queries.choices(arguments)
  local order, choices = order_of(arguments.order), {}
  if not order then return nil end
  local category, chosen = CATEGORIES[order.state], {}
  for _, line in ipairs(order.lines) do chosen[line.item] = line.quantity end
  for _, entry in ipairs(category and db.ranked("menu:" .. category, {limit = 100}) or {}) do
    local item = db.record("menu-item", entry.member)
    if item.available ~= false then
      table.insert(choices, {order = order.id, item = entry.member, title = item.title, price = item.price,
                             minutes = item.minutes, description = item.description, chosen = chosen[entry.member] or 0})
    end
  end
  return {category = category, choices = choices}
end

function queries.mine(arguments, context)
  local orders = {}
  local page, cursor = db.page(orders_of(arguments.customer), arguments, {descending = true, where = function(entry)
    return order_of(entry.member) ~= nil
  end})
  for index, entry in ipairs(page) do
    local order = order_of(entry.member)
    local _, total = shown_lines(order)
    local payment = order.placed_at and payment_of(order, money_of(order.id), context.parameters)
    orders[index] = {id = order.id, number = order.number, state = order.state, total = total, payment = payment or nil,
                     at = rfc3339(entry.score)}
  end
  return {orders = orders, cursor = cursor}
end

-- As the kitchen reads it: `2× X-Burger (sem cebola)`.
local function told(line)
  return string.format("%d× %s%s", line.quantity, line.title, line.note and " (" .. line.note .. ")" or "")
end

local function in_minutes(from, till) return math.max(0, math.floor((till - from) / 60000)) end

function queries.kitchen(_, context)
  local orders = {}
  for _, state in ipairs(IN_THE_KITCHEN) do
    for _, entry in ipairs(db.ranked(orders_in(state), {limit = MOST})) do
      local order, items = order_of(entry.member), {}
      for index, line in ipairs(order.lines) do items[index] = told(line) end
      table.insert(orders, {id = order.id, number = order.number, state = state, items = items,
                            minutes = in_minutes(order.placed_at, context.now), returned = money_of(order.id).returned})
    end
  end
  return {orders = orders}
end

-- For everybody's eyes: who has an order's identifier may act for its customer.
function queries.counter()
  local orders = {}
  for _, state in ipairs({"ready", "preparing"}) do
    for _, entry in ipairs(db.ranked(orders_in(state), {limit = MOST})) do
      local order = order_of(entry.member)
      table.insert(orders, {id = order.day .. "-" .. order.number, number = order.number, state = state})
    end
  end
  return {orders = orders}
end

function queries.unpaid(arguments, context)
  local orders = {}
  local page, cursor = db.page(orders_in("placed"), arguments, {descending = true})
  for index, entry in ipairs(page) do
    local order = order_of(entry.member)
    local money = money_of(order.id)
    orders[index] = {id = order.id, number = order.number, state = order.state, total = order.total,
                     received = money.received, payment = payment_of(order, money, context.parameters),
                     minutes = in_minutes(order.placed_at, context.now)}
  end
  return {orders = orders, cursor = cursor}
end

function queries.history(arguments)
  local order, moves = order_of(arguments.order), {}
  if not order then return nil end
  for index, move in ipairs(order.history or {}) do
    moves[index] = {from = move.from, to = move.to, at = rfc3339(move.at), who = move.who}
  end
  return {id = order.id, number = order.number, moves = moves}
end

return {apply = apply, queries = queries}
