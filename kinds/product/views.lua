-- The list of all products, by their identifiers.

local ALL = "all" -- sorted: product

local function apply(record)
  if record.deleted then db.unrank(ALL, record.key) else db.rank(ALL, record.key, 0) end
end

local queries = {}

function queries.list(arguments)
  local products = {}
  local page, cursor = db.page(ALL, arguments)
  for _, entry in ipairs(page) do
    local product = db.record("product", entry.member)
    table.insert(products, {id = entry.member, title = product.title, price = product.price, seller = product.seller})
  end
  return {products = products, cursor = cursor}
end

return {apply = apply, queries = queries}
