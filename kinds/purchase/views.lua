-- Cashback per month, exact to the cent. Which percentage a month gives is known only at its end, so its sums are kept
-- as they would be at each; a purchase that is changed, decided or deleted takes just its own out of them.

local WAITING, APPROVED, REFUSED = "Em validação", "Aprovado", "Reprovado"
local TIERS = {{percent = 10, up_to = 100000}, {percent = 15, up_to = 150000}, {percent = 20, up_to = math.huge}} -- cents
local ANY = "" -- in names of lists: whatever reseller, month or status

local function code_of(purchase) return "code:" .. purchase.reseller .. ":" .. purchase.code end -- its purchase
local function month_of(purchase) return string.sub(purchase.date, 1, 7) end
local function months_of(reseller) return "months:" .. reseller end -- sorted: month, such as 2026-03, by its digits
local function sums_of(reseller, month) return "sums:" .. reseller .. ":" .. month end
local function earned_by(reseller) return "earned:" .. reseller end
local function digits(date) return tonumber((string.gsub(date, "-", ""))) end

-- Sorted: purchase, by the digits of its date.
local function list_of(reseller, month, status) return table.concat({"list", reseller, month, status}, ":") end

local function percent_of(cents)
  for _, tier in ipairs(TIERS) do
    if cents <= tier.up_to then return tier.percent end
  end
end

-- The percentage of a purchase in a month of that one.
local function own_percent(purchase, percent, parameters)
  return parameters.tier_by == "purchase" and percent_of(purchase.value) or percent
end

local function cashback_at(value, percent) return math.floor((value * percent + 50) / 100) end

-- {sold, approved}, of each how many, their cents, and at each percentage their cashback.
local function read_sums(reseller, month)
  local function nothing() return {purchases = 0, total = 0, cashback = {p10 = 0, p15 = 0, p20 = 0}} end
  return db.get(sums_of(reseller, month)) or {sold = nothing(), approved = nothing()}
end

local function add(sums, purchase, sign, parameters)
  sums.purchases, sums.total = sums.purchases + sign, sums.total + sign * purchase.value
  for _, tier in ipairs(TIERS) do
    local name, percent = "p" .. tier.percent, own_percent(purchase, tier.percent, parameters)
    sums.cashback[name] = sums.cashback[name] + sign * cashback_at(purchase.value, percent)
  end
end

-- Of a month: its cashback, and what of it has been approved.
local function earned(sums)
  local name = "p" .. percent_of(sums.sold.total)
  return sums.sold.cashback[name], sums.approved.cashback[name]
end

local function count(purchase, sign, parameters)
  local reseller, month = purchase.reseller, month_of(purchase)
  local sums, all = read_sums(reseller, month), db.get(earned_by(reseller)) or {cashback = 0, approved = 0}
  local cashback, approved = earned(sums)
  add(sums.sold, purchase, sign, parameters)
  if purchase.status == APPROVED then add(sums.approved, purchase, sign, parameters) end
  local new_cashback, new_approved = earned(sums)
  db.set(earned_by(reseller), {cashback = all.cashback + new_cashback - cashback,
                               approved = all.approved + new_approved - approved})
  if sums.sold.purchases == 0 then
    db.unrank(months_of(reseller), month)
    return db.delete(sums_of(reseller, month))
  end
  db.rank(months_of(reseller), month, digits(month))
  db.set(sums_of(reseller, month), sums)
end

-- Every mix of what may be asked for.
local function each_list(purchase, act)
  for _, reseller in ipairs({ANY, purchase.reseller}) do
    for _, month in ipairs({ANY, month_of(purchase)}) do
      for _, status in ipairs({ANY, purchase.status}) do act(list_of(reseller, month, status)) end
    end
  end
end

local function put_in(key, purchase, parameters)
  each_list(purchase, function(list) db.rank(list, key, digits(purchase.date)) end)
  if purchase.status == REFUSED then return end
  db.set(code_of(purchase), key)
  count(purchase, 1, parameters)
end

local function take_out(key, purchase, parameters)
  each_list(purchase, function(list) db.unrank(list, key) end)
  if purchase.status == REFUSED then return end
  db.delete(code_of(purchase))
  count(purchase, -1, parameters)
end

-- The purchase as the record leaves it. Of a status only an admin says something.
local function read(fields, before, parameters)
  local first = fields.reseller == parameters.approved and APPROVED or WAITING
  return {reseller = fields.reseller, code = fields.code, value = fields.value, date = fields.date,
          status = fields.status or (before and before.status) or first}
end

local DECIDED = {[APPROVED] = "it has been approved: it can be neither changed nor deleted",
                 [REFUSED] = "it has been refused: it can be neither changed nor deleted"}

local CPF = "^" .. string.rep("%d", 11) .. "$"

local function hold(record, before, after)
  local decided = before and not record.sender.has.admin and DECIDED[before.status]
  if decided then refuse(decided) end
  if not after then return end
  if not string.find(after.reseller, CPF) then refuse("it is of no reseller: say whose it is by a CPF") end
  if after.status == REFUSED then return end
  local holder = db.get(code_of(after))
  if holder and holder ~= record.key then refuse("another purchase of this reseller has that code") end
end

local function apply(record, context)
  local parameters, before = context.parameters, record.previous and record.previous.fields
  local after = not record.deleted and read(record.fields, before, parameters) or nil
  hold(record, before, after)
  if before then take_out(record.key, before, parameters) end
  if not after then return nil end
  put_in(record.key, after, parameters)
  return {stamps = {status = after.status}}
end

local function shown(key, parameters)
  local purchase = db.record("purchase", key)
  local percent, cashback = 0, 0
  if purchase.status ~= REFUSED then
    local of_month = percent_of(read_sums(purchase.reseller, month_of(purchase)).sold.total)
    percent = own_percent(purchase, of_month, parameters)
    cashback = cashback_at(purchase.value, percent)
  end
  return {id = key, reseller = purchase.reseller, code = purchase.code, value = purchase.value, date = purchase.date,
          status = purchase.status, percent = percent, cashback = cashback}
end

-- The latest first.
local function page(reseller, arguments, context)
  local purchases = {}
  local list = list_of(reseller, arguments.month or ANY, arguments.status or ANY)
  local entries, cursor = db.page(list, arguments, {descending = true})
  for index, entry in ipairs(entries) do purchases[index] = shown(entry.member, context.parameters) end
  return {purchases = purchases, cursor = cursor}
end

local function shown_month(reseller, month, parameters)
  local sums = read_sums(reseller, month)
  local cashback, approved = earned(sums)
  local percent = parameters.tier_by == "month" and percent_of(sums.sold.total) or null
  return {month = month, purchases = sums.sold.purchases, total = sums.sold.total, percent = percent,
          cashback = cashback, approved = approved}
end

local queries = {}

function queries.list(arguments, context) return page(arguments.reseller, arguments, context) end

function queries.all(arguments, context)
  local answer = page(ANY, arguments, context)
  for _, purchase in ipairs(answer.purchases) do
    local reseller = db.record("reseller", purchase.reseller)
    purchase.name = reseller and reseller.name or null
  end
  return answer
end

function queries.month(arguments, context)
  local month = arguments.month or string.sub(date_of(context.now), 1, 7)
  return shown_month(arguments.reseller, month, context.parameters)
end

-- The latest first, of those in which something counts.
function queries.months(arguments, context)
  local months = {}
  local entries, cursor = db.page(months_of(arguments.reseller), arguments, {descending = true})
  for index, entry in ipairs(entries) do
    months[index] = shown_month(arguments.reseller, entry.member, context.parameters)
  end
  return {months = months, cursor = cursor}
end

function queries.accumulated(arguments)
  return db.get(earned_by(arguments.reseller)) or {cashback = 0, approved = 0}
end

return {apply = apply, queries = queries}
