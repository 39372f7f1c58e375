-- All people, by their numbers.

local ALL = "all" -- sorted: person

local function apply(record)
  if record.deleted then db.unrank(ALL, record.key) else db.rank(ALL, record.key, 0) end
end

local queries = {}

function queries.list(arguments)
  local people = {}
  local page, cursor = db.page(ALL, arguments)
  for _, entry in ipairs(page) do
    local person = db.record("person", entry.member)
    table.insert(people, {cpf = entry.member, name = person.name, gender = person.gender, income = person.income})
  end
  return {people = people, cursor = cursor}
end

return {apply = apply, queries = queries}
