-- Moves of orders. An order is {id, customer, state, version, lines} and, once it is placed, {placed_at, day, number,
-- total, history}; a line is {item, category, quantity, note} and then {title, price}, too.

local STATES = {"pending", "waiting_burgers", "waiting_sides", "waiting_drinks", "waiting_desserts", "ready_to_place",
                "placed", "paid", "preparing", "ready", "completed"}
local CATEGORIES = {waiting_burgers = "burgers", waiting_sides = "sides", waiting_drinks = "drinks",
                    waiting_desserts = "desserts"}
local MEMBERS = {"order", "action", "item", "quantity", "note", "expect", "to"}
local MOST_OF_ONE, MOST_LINES = 99, 40
local NUMBERS_LAST = 48 * 60 * 60 * 1000 -- ms

-- Where a state stands among STATES; nil of one that is cancelled.
local function place_of(state)
  for place, name in ipairs(STATES) do
    if name == state then return place end
  end
end

local FIRST_CHOICE, LAST_CHOICE, PLACED = 2, 6, 7 -- waiting_burgers, ready_to_place, placed

local function is_employee(sender) return sender.has.employee or sender.has.admin end

local function orders_in(state) return "in:" .. state end -- sorted: order, by when it was placed

-- Those in the hands of the kitchen or the till are listed.
local function list(order)
  local place = place_of(order.state)
  if place and place >= PLACED and place < #STATES then db.rank(orders_in(order.state), order.id, order.placed_at) end
end

-- The order comes to another state: from placed on that is noted.
local function enter(order, state, move)
  if order.placed_at then
    local who = move.sender.kind and move.sender.kind .. "/" .. move.sender.key or "anyone"
    table.insert(order.history, {from = order.state, to = state, at = move.arrival, who = who})
    db.unrank(orders_in(order.state), order.id)
  end
  order.state = state
  if order.placed_at then list(order) end
end

local function find_line(order, item)
  for place, line in ipairs(order.lines) do
    if line.item == item then return line, place end
  end
end

local function needed_line(order, move)
  if not move.fields.item then refuse("say which item") end
  local line, place = find_line(order, move.fields.item)
  if not line then refuse("it is not in the order") end
  return line, place
end

-- What is in an order is changed before it is placed.
local function hold_choosing(order)
  local place = place_of(order.state)
  if place >= PLACED then refuse("it has been placed: nothing in it can be changed") end
  if place < FIRST_CHOICE then refuse("nothing is chosen at this step") end
end

local function set_note(line, note)
  if note then line.note = note ~= "" and note or nil end
end

local actions = {}

function actions.add(order, move)
  local fields = move.fields
  hold_choosing(order)
  local category = CATEGORIES[order.state] or refuse("nothing is chosen at this step")
  if not fields.item then refuse("say which item") end
  local item = db.record("menu-item", fields.item) or refuse("there is no such item on the menu")
  if item.category ~= category then refuse("it is chosen at another step") end
  if item.available == false then refuse("it is not to be had for the time being") end
  local line = find_line(order, fields.item)
  if not line and #order.lines == MOST_LINES then refuse("40 items are the most") end
  local quantity = (line and line.quantity or 0) + (fields.quantity or 1)
  if quantity > MOST_OF_ONE then refuse("99 of one item are the most") end
  if not line then
    line = {item = fields.item, category = category}
    table.insert(order.lines, line)
  end
  line.quantity = quantity
  set_note(line, fields.note)
end

function actions.change(order, move)
  hold_choosing(order)
  local line = needed_line(order, move)
  if not move.fields.quantity and not move.fields.note then refuse("say how many, or with what note") end
  line.quantity = move.fields.quantity or line.quantity
  set_note(line, move.fields.note)
end

function actions.remove(order, move)
  hold_choosing(order)
  local _, place = needed_line(order, move)
  table.remove(order.lines, place)
end

function actions.clear(order)
  if place_of(order.state) >= PLACED then refuse("it has been placed: nothing in it can be changed") end
  order.lines, order.state = {}, "pending"
end

-- From here on what it costs is what it costs.
local function set_prices(order)
  local prices, total = {}, 0
  for place, line in ipairs(order.lines) do
    local item = db.record("menu-item", line.item)
    if not item or item.available == false then refuse("an item of the order is not to be had any more") end
    prices[place], total = item, total + item.price * line.quantity
  end
  for place, item in ipairs(prices) do order.lines[place].title, order.lines[place].price = item.title, item.price end
  order.total = total
end

-- Of the day: people are called by it.
local function next_number(day)
  local number = (db.get("numbers:" .. day) or 0) + 1
  db.set("numbers:" .. day, number, NUMBERS_LAST)
  return number
end

-- The newer call has amounts as text, the older one as numbers.
local function as_text(cents) return string.format("%d.%02d", math.floor(cents / 100), cents % 100) end
local function as_number(cents) return cents / 100 end

local function charged_items(order, amount)
  local items = {}
  for place, line in ipairs(order.lines) do
    items[place] = {title = line.title, unit_price = amount(line.price), quantity = line.quantity, unit_measure = "unit"}
  end
  return items
end

-- Asks the provider for a QR code. Whatever comes of it is a payment (kinds/payment).
local function charge(order, parameters)
  local asked = {order = order.id, title = "Pedido " .. order.number}
  if parameters.mode == "qrs" then
    asked.total, asked.items = as_number(order.total), charged_items(order, as_number)
    for place, line in ipairs(order.lines) do asked.items[place].total_amount = as_number(line.price * line.quantity) end
    asked.expires = string.gsub(rfc3339(order.placed_at + parameters.code_lasts), "Z$", "+00:00")
    asked.notices = parameters.notices ~= "" and parameters.notices or nil
    return react("charge_qrs", asked)
  end
  asked.total, asked.items = as_text(order.total), charged_items(order, as_text)
  asked.pos, asked.lasts = parameters.pos, string.format("PT%dM", parameters.code_lasts / 60000)
  react("charge", asked)
end

local function place(order, move, parameters)
  if #order.lines == 0 then refuse("there is nothing in the order") end
  set_prices(order)
  order.placed_at, order.day, order.history = move.arrival, date_of(move.arrival), {}
  order.number = next_number(order.day)
  if parameters.provider ~= "" then charge(order, parameters) end
end

local function hold_step(order, move, next_state)
  if not move.fields.expect then refuse("say in which state you saw the order: expect") end
  if move.fields.to and move.fields.to ~= next_state then refuse("it cannot come to that state from here") end
end

function actions.advance(order, move, parameters)
  local at = place_of(order.state)
  hold_step(order, move, STATES[at + 1])
  if at == PLACED then refuse("it has not been paid yet") end
  if at > PLACED and not is_employee(move.sender) then refuse("only employees prepare and hand out orders") end
  if at + 1 == PLACED then place(order, move, parameters) end
  enter(order, STATES[at + 1], move)
end

function actions.back(order, move)
  local at = place_of(order.state)
  if at >= PLACED then refuse("it has been placed: nothing in it can be changed") end
  if at <= FIRST_CHOICE then refuse("there is no step to go back to") end
  hold_step(order, move, STATES[at - 1])
  enter(order, STATES[at - 1], move)
end

-- What has been paid of one that is cancelled has to be given back.
function actions.cancel(order, move)
  if place_of(order.state) > PLACED then refuse("it has been paid: it cannot be cancelled any more") end
  local money = db.get("money:" .. order.id)
  if money and money.received > 0 then db.rank("refunds", order.id, move.arrival) end
  enter(order, "cancelled", move)
end

-- At the counter.
function actions.pay(order, move, parameters)
  local money, at = db.get("money:" .. order.id) or {}, place_of(order.state)
  if not is_employee(move.sender) then refuse("only employees take payments") end
  if at < PLACED then refuse("it has not been placed yet") end
  if at > PLACED then refuse("it has been paid already") end
  if parameters.provider ~= "" and not money.failed and not money.lapsed then refuse("it is paid by its QR code") end
  order.paid_at, order.at_counter = move.arrival, true
  enter(order, "paid", move)
end

-- Its customer's, an employee's, and where it is nobody's whoever's who knows its identifier.
local function hold_sender(order, sender)
  local is_own = not order.customer or (sender.kind == "snack-customer" and sender.key == order.customer)
  if not is_own and not is_employee(sender) then refuse("it is somebody else's order") end
end

local function hold_expectation(order, expect)
  local is_as_seen = not expect or expect == order.state or expect == string.format("%.0f", order.version)
  if not is_as_seen then refuse("the order has moved on since you looked: look again") end
end

local function hold_that_it_goes_on(order)
  if order.state == "cancelled" then refuse("the order has been cancelled") end
  if order.state == "completed" then refuse("the order is completed") end
end

local function is_same(fields, others)
  for _, member in ipairs(MEMBERS) do
    if fields[member] ~= others[member] then return false end
  end
  return true
end

local function apply(record, context)
  if record.deleted then refuse("what has been done stays") end
  if record.previous then
    if not is_same(record.fields, record.previous.fields) then refuse("a move never changes") end
    return {keep_previous = true} -- come again
  end
  local order, parameters = db.get("order:" .. record.fields.order), context.parameters
  if not order then refuse("there is no such order") end
  hold_sender(order, record.sender)
  hold_that_it_goes_on(order)
  hold_expectation(order, record.fields.expect)
  actions[record.fields.action](order, record, parameters)
  order.version = order.version + 1
  db.set("order:" .. order.id, order, order.placed_at and parameters.kept or parameters.unplaced)
end

return {apply = apply}
