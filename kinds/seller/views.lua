-- The list of all sellers, by their identifiers.

local ALL = "all" -- sorted: seller

local function apply(record)
  if record.deleted then db.unrank(ALL, record.key) else db.rank(ALL, record.key, 0) end
end

local queries = {}

function queries.list(arguments)
  local sellers = {}
  local page, cursor = db.page(ALL, arguments)
  for _, entry in ipairs(page) do
    local seller = db.record("seller", entry.member)
    table.insert(sellers, {id = entry.member, name = seller.name})
  end
  return {sellers = sellers, cursor = cursor}
end

return {apply = apply, queries = queries}
