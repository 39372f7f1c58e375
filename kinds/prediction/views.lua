-- The score: a linear model on gender, age and income. The one that came with it, or what least squares makes of the
-- owner's customers whose score is known (the sums of kinds/customer/views.lua), if the owner says so and they are
-- enough. A prediction keeps what it was made from: whatever becomes of the customer or the model, it stays.

local NOT_YOURS = "there is no such customer of yours"

-- Fitted to 200 customers of a mall. On others its R² was about 0.025: it says hardly more than the mean does.
local GIVEN = {intercept = 71.9049828488992, gender = -1.198465612603074, age = -0.5879236340330568,
               annual_income = 0.05386299029963409, n = 200, r_squared = 0.025}

local NAMES = {"gender", "age", "annual_income"}
local ALIKE = 1e-10 -- what is left of a member's variance once the others have explained theirs: none

local function predictions_of(customer) return "predictions:" .. customer end -- sorted: prediction, by its time
local function made(id) return "made:" .. id end

-- The sum that stands for those two of 1, gender, age, income and score, from 0 to 4.
local function sum_of(sums, i, j)
  if i > j then i, j = j, i end
  return sums[1 + i * (9 - i) / 2 + j]
end

-- Times the square of how many they are, so that it is a whole number.
local function covariance(sums, i, j)
  return sum_of(sums, 0, 0) * sum_of(sums, i, j) - sum_of(sums, 0, i) * sum_of(sums, 0, j)
end

-- Of the normal equations, without the intercept: one row for each of NAMES, with the score behind.
local function equations(sums)
  local rows = {}
  for i = 1, #NAMES do
    rows[i] = {}
    for j = 1, #NAMES + 1 do rows[i][j] = covariance(sums, i, j) end
  end
  return rows
end

-- Of a symmetric and positive system, so without a search for pivots. Nil if it does not say.
local function solve(rows)
  local size, slopes = #rows, {}
  for i = 1, size do
    local variance = rows[i][i]
    for k = 1, i - 1 do
      local factor = rows[i][k] / rows[k][k]
      for j = k, size + 1 do rows[i][j] = rows[i][j] - factor * rows[k][j] end
    end
    if rows[i][i] <= ALIKE * variance then return nil end
  end
  for i = size, 1, -1 do
    local rest = rows[i][size + 1]
    for j = i + 1, size do rest = rest - rows[i][j] * slopes[j] end
    slopes[i] = rest / rows[i][i]
  end
  return slopes
end

-- Nil if the customers are too few, or too much alike to tell what their scores depend on.
local function fit(owner)
  local sums = db.get("sums:" .. owner, "customer")
  if not sums or sums[1] == 0 then return nil end
  local slopes = solve(equations(sums))
  if not slopes then return nil end
  local n, variance, explained = sums[1], covariance(sums, 4, 4), 0
  local model = {n = n, intercept = sum_of(sums, 0, 4) / n}
  for i, name in ipairs(NAMES) do
    model[name] = slopes[i]
    model.intercept = model.intercept - slopes[i] * sum_of(sums, 0, i) / n
    explained = explained + slopes[i] * covariance(sums, i, 4)
  end
  model.r_squared = variance > 0 and explained / variance or null
  return model
end

-- What the owner's scores are predicted by, whether that is their own, and what their own would be.
local function model_of(owner, context)
  local user = owner and db.record("user", owner)
  local own = owner and fit(owner)
  local refitted = user ~= nil and user.refit == true and own ~= nil and own.n >= context.parameters.least_customers
  return refitted and own or GIVEN, refitted, own
end

local function score(model, of)
  return model.intercept + model.gender * (of.gender == "male" and 1 or 0) + model.age * of.age
         + model.annual_income * of.annual_income
end

-- Also of one that waited: for the customer as they are, and by the model as it is, when it is made.
local function make(record, context)
  local fields = record.fields
  local customer = db.record("customer", fields.customer)
  if not customer then refuse(NOT_YOURS, {kind = "customer", key = fields.customer}) end
  if customer.owner ~= fields.owner then refuse(NOT_YOURS) end
  local model, refitted = model_of(fields.owner, context)
  db.set(made(record.key), {at = fields.at, score = score(model, customer), gender = customer.gender,
                            age = customer.age, annual_income = customer.annual_income, refitted = refitted,
                            n = model.n, r_squared = model.r_squared})
  db.rank(predictions_of(fields.customer), record.key, record.arrival)
end

local function apply(record, context)
  local previous = record.previous and record.previous.fields
  if record.deleted and previous then
    db.delete(made(record.key))
    db.unrank(predictions_of(previous.customer), record.key)
  elseif previous then
    if record.fields.customer ~= previous.customer then refuse("a prediction never changes") end
    return {keep_previous = true} -- come again: the first one stands
  elseif not record.deleted then
    make(record, context)
  end
end

local queries = {}

-- The oldest first.
queries["of-customer"] = function(arguments)
  local customer = db.record("customer", arguments.customer)
  if not customer or (arguments.owner and customer.owner ~= arguments.owner) then return nil end
  local predictions = {}
  local page, cursor = db.page(predictions_of(arguments.customer), arguments)
  for index, entry in ipairs(page) do
    predictions[index] = db.get(made(entry.member))
    predictions[index].id = entry.member
  end
  return {customer = arguments.customer, name = customer.name, predictions = predictions, cursor = cursor}
end

local function shown(model, name, is_used)
  return {model = name, used = is_used, n = model.n, r_squared = model.r_squared, intercept = model.intercept,
          gender = model.gender, age = model.age, annual_income = model.annual_income}
end

function queries.model(arguments, context)
  local used, refitted, own = model_of(arguments.owner, context)
  local models = {shown(GIVEN, "given", not refitted)}
  if own then models[2] = shown(own, "own", refitted) end
  return {refitted = refitted, n = used.n, r_squared = used.r_squared,
          least_customers = context.parameters.least_customers, models = models}
end

function queries.predict(arguments, context)
  local model, refitted = model_of(arguments.owner, context)
  return {score = score(model, arguments), refitted = refitted, n = model.n, r_squared = model.r_squared}
end

return {apply = apply, queries = queries}
