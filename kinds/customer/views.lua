-- Each user's customers: a list, how many are of which gender, and the sums of which a least squares fit of their
-- spending scores is made (kinds/prediction/views.lua).

local GENDERS = {"female", "male"}

local function customers_of(owner) return "customers:" .. owner end -- sorted: customer, by number or by arrival
local function count_of(owner, gender) return gender .. ":" .. owner end
local function sums_of(owner) return "sums:" .. owner end

-- Of 1, the members and the score: the sum of each multiplied by each, itself and those behind it. They are whole
-- numbers, so whoever is taken out again leaves nothing behind.
local function add_to_sums(customer, sign)
  if not customer.spending_score then return end
  local row = {1, customer.gender == "male" and 1 or 0, customer.age, customer.annual_income, customer.spending_score}
  local sums, place = db.get(sums_of(customer.owner)) or {}, 0
  for i = 1, #row do
    for j = i, #row do
      place = place + 1
      sums[place] = (sums[place] or 0) + sign * row[i] * row[j]
    end
  end
  db.set(sums_of(customer.owner), sums)
end

local function count(customer, sign)
  db.increment(count_of(customer.owner, customer.gender), sign)
  add_to_sums(customer, sign)
end

-- Whoever has no number stands where they first came.
local function apply(record)
  local customer, previous = record.fields, record.previous and record.previous.fields
  local place = previous and not previous.number and db.score(customers_of(previous.owner), record.key)
  if previous then
    count(previous, -1)
    db.unrank(customers_of(previous.owner), record.key)
  end
  if record.deleted then return end
  count(customer, 1)
  db.rank(customers_of(customer.owner), record.key, customer.number or place or record.arrival)
end

local queries = {}

-- The customers with numbers first, by these; then the others, as they came.
function queries.list(arguments)
  local customers, wanted = {}, arguments.q
  local function is_wanted(entry)
    if not wanted then return true end
    local name = db.folded("customer", entry.member).name
    if name and string.find(name, wanted, 1, true) then return true end
    return tostring(db.record("customer", entry.member).number) == wanted
  end
  local page, cursor = db.page(customers_of(arguments.owner), arguments, {where = is_wanted})
  for index, entry in ipairs(page) do
    local customer = db.record("customer", entry.member)
    customers[index] = {id = entry.member, number = customer.number, name = customer.name, gender = customer.gender,
                        age = customer.age, annual_income = customer.annual_income,
                        spending_score = customer.spending_score}
  end
  return {customers = customers, cursor = cursor}
end

-- Without those of whom there is nobody.
queries["by-gender"] = function(arguments)
  local genders, all = {}, 0
  for _, gender in ipairs(GENDERS) do
    local customers = db.get(count_of(arguments.owner, gender)) or 0
    all = all + customers
    if customers > 0 then table.insert(genders, {gender = gender, customers = customers}) end
  end
  for _, entry in ipairs(genders) do entry.share = entry.customers / all end
  return {customers = all, genders = genders}
end

return {apply = apply, queries = queries}
