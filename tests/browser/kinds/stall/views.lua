-- The stalls, how many there are of each size, and what they bring in.

local ALL = "all" -- sorted: stall
local RENTS = "rents" -- sorted: stall, by its rent

local function count(fields, sign)
  db.increment("size:" .. fields.size, sign)
  db.increment("stalls", sign)
  db.increment("rent", sign * fields.rent)
end

local function apply(record)
  local fields, previous = record.fields, record.previous and record.previous.fields
  if not record.deleted and string.find(fields.name, "fechada") and previous then refuse("a closed stall stays as it is") end
  if previous then count(previous, -1) end
  if record.deleted then
    db.unrank(ALL, record.key)
    return db.unrank(RENTS, record.key)
  end
  count(fields, 1)
  db.rank(ALL, record.key, 0)
  db.rank(RENTS, record.key, fields.rent)
end

local queries = {}

local function row_of(id)
  local row = db.record("stall", id)
  row.id = id
  row.share, row.rate, row.income, row.weight, row.at = 0.125, 15, 170, 12.3456, "2026-03-11T12:00:00Z"
  return row
end

local function fits(row, arguments)
  return (not arguments.q or string.find(string.lower(row.name), string.lower(arguments.q), 1, true))
         and (not arguments.size or row.size == arguments.size)
         and (not arguments.month or string.sub(row.since or "", 1, 7) == arguments.month)
end

function queries.list(arguments)
  local stalls = {}
  local page, cursor
  if arguments.q or arguments.size or arguments.month then page = db.ranked(ALL, {limit = 1000})
  else page, cursor = db.page(ALL, arguments) end
  for _, entry in ipairs(page) do
    local row = row_of(entry.member)
    if fits(row, arguments) then table.insert(stalls, row) end
  end
  return {stalls = stalls, cursor = cursor}
end

function queries.sizes()
  local sizes = {}
  for _, size in ipairs({"small", "large"}) do table.insert(sizes, {size = size, stalls = db.get("size:" .. size) or 0}) end
  return {sizes = sizes}
end

function queries.rents(arguments)
  local rents = {}
  for _, entry in ipairs(db.ranked(RENTS, {limit = arguments.limit, descending = true})) do
    table.insert(rents, {name = db.record("stall", entry.member).name, rent = entry.score})
  end
  return {rents = rents}
end

function queries.total()
  local stalls = db.get("stalls") or 0
  if stalls == 0 then return {stalls = 0} end
  return {rent = db.get("rent"), stalls = stalls, let = 0.025, code = "https://example.com/feira?bancas=" .. stalls .. "&olá"}
end

return {apply = apply, queries = queries}
