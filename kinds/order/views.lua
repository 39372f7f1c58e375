-- What each seller got, each order counted once. Beside the order is kept what was counted for it, so that a
-- later version or a cancellation takes back just that, whatever has become of the prices since; and a version that
-- says the same leaves it as it is.

local REVENUE = "revenue" -- sorted: seller, by cents
local DAYS = "days" -- sorted: day, such as 2026-03-11, by its digits

local function counted(id) return "counted:" .. id end
local function purchases_of(client) return "purchases:" .. client end -- sorted: order, by its time
local function orders_of(seller) return "orders:" .. seller end
local function orders_on(day) return "day-orders:" .. day end
local function cents_on(day) return "day-cents:" .. day end

local function digits(day) return tonumber((string.gsub(day, "-", ""))) end

-- A product is named by an object, or as orders of earlier times have it, by a text.
local function id_of(product) return type(product) == "table" and product.product_id or product end

-- Prices and sellers are those of this moment. Without one of its products an order waits.
local function sales_of(products)
  local total, by_seller = 0, {}
  for _, named in ipairs(products) do
    local id = id_of(named)
    local product = db.record("product", id)
    if not product then refuse("there is no product " .. id, {kind = "product", key = id}) end
    total = total + product.price
    by_seller[product.seller] = (by_seller[product.seller] or 0) + product.price
  end
  return total, by_seller
end

local function read(record, now)
  local total, by_seller = sales_of(record.fields.products)
  local time = record.event_time or record.arrival
  return {time = time, day = date_of(time), client = record.fields.client,
          card = record.fields.credit_card.card_number, total = total, by_seller = by_seller, counted_at = now}
end

local function are_same(products, others)
  if #products ~= #others then return false end
  for index, product in ipairs(products) do
    if id_of(product) ~= id_of(others[index]) then return false end
  end
  return true
end

-- The time that its sender gave; one that was stamped at its arrival says nothing.
local function given_time(record) return record.event_time ~= record.arrival and record.event_time or nil end

-- Whether it says what the version in the cache says, which is the one that is counted: so that it is not counted
-- anew at the prices of today.
local function says_the_same(record, previous)
  local fields, others = record.fields, previous.fields
  return given_time(record) == given_time(previous) and fields.client == others.client
         and fields.credit_card.card_number == others.credit_card.card_number
         and are_same(fields.products, others.products)
end

-- A sorted entry that is there as long as anything is counted for it.
local function rank_while_counted(set, member, score, count)
  if count > 0 then db.rank(set, member, score) else db.unrank(set, member) end
end

-- Adds the order to all sums (sign 1) or takes it out of them (sign -1).
local function book(order, sign)
  for seller, cents in pairs(order.by_seller) do
    local cents_now = (db.score(REVENUE, seller) or 0) + sign * cents
    rank_while_counted(REVENUE, seller, cents_now, db.increment(orders_of(seller), sign))
  end
  local day = order.day or string.sub(rfc3339(order.time), 1, 10) -- without one it was counted by days of UTC
  db.increment(cents_on(day), sign * order.total)
  rank_while_counted(DAYS, day, digits(day), db.increment(orders_on(day), sign))
end

local function take_back(id, order)
  book(order, -1)
  db.unrank(purchases_of(order.client), id)
end

local function count(id, order)
  book(order, 1)
  db.rank(purchases_of(order.client), id, order.time)
  db.set(counted(id), order)
end

local function apply(record, context)
  if record.late then return nil end
  local before, previous = db.get(counted(record.key)), record.previous
  if before and before.cancelled then -- as cancellations were kept before the cache remembered deletions
    if record.arrival < before.arrival then return {keep_previous = true} end
    before = nil
  end
  if before and previous and not record.deleted and says_the_same(record, previous) then return nil end
  local order = not record.deleted and read(record, context.now)
  if before then take_back(record.key, before) end
  if not order then return db.delete(counted(record.key)) end
  count(record.key, order)
  return before and {flags = {"recounted"}} or nil
end

local queries = {}

function queries.revenue(arguments)
  return {seller_id = arguments.seller, total_received = db.score(REVENUE, arguments.seller) or null}
end

-- Those who sold most first; who sold nothing is not among them.
function queries.sellers(arguments)
  local sellers = {}
  for _, entry in ipairs(db.ranked(REVENUE, {limit = arguments.limit, descending = true})) do
    local seller = db.record("seller", entry.member)
    table.insert(sellers, {seller_id = entry.member, name = seller and seller.name or null,
                           orders = db.get(orders_of(entry.member)), total_received = entry.score})
  end
  return {sellers = sellers}
end

-- The last days with orders, in their order, but for those that no calendar has.
queries["by-day"] = function(arguments)
  local days = {}
  local latest = db.ranked(DAYS, {limit = arguments.limit, descending = true,
                                  min = digits(arguments.from or "0001-01-01"),
                                  max = digits(arguments.to or "9999-12-31")})
  for _, entry in ipairs(latest) do
    local day = entry.member
    if string.find(day, "^%d") then
      table.insert(days, 1, {date = day, orders = db.get(orders_on(day)), total = db.get(cents_on(day))})
    end
  end
  return {days = days}
end

-- The latest first. When one was counted has not always been noted.
function queries.purchases(arguments)
  local purchases = {}
  local page, cursor = db.page(purchases_of(arguments.client), arguments, {descending = true})
  for _, entry in ipairs(page) do
    local order = db.get(counted(entry.member))
    table.insert(purchases, {id = entry.member, date = rfc3339(order.time), total = order.total, card = order.card,
                             counted_at = order.counted_at and rfc3339(order.counted_at) or null})
  end
  return {purchases = purchases, cursor = cursor}
end

return {apply = apply, queries = queries}
