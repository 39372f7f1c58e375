-- The menu, by category.

local ANY = "" -- in the name of a list: whatever category

local function menu(category) return "menu:" .. category end -- sorted: item

local function apply(record)
  local previous = record.previous and record.previous.fields
  if previous then db.unrank(menu(previous.category), record.key) end
  if record.deleted then return db.unrank(menu(ANY), record.key) end
  db.rank(menu(ANY), record.key, 0)
  db.rank(menu(record.fields.category), record.key, 0)
end

local queries = {}

function queries.list(arguments)
  local items = {}
  local page, cursor = db.page(menu(arguments.category or ANY), arguments)
  for index, entry in ipairs(page) do
    items[index] = db.record("menu-item", entry.member)
    items[index].id = entry.member
  end
  return {items = items, cursor = cursor}
end

return {apply = apply, queries = queries}
