-- Before the first call: the code of the kinds, each with what it may use.

local WORDS = "local db, refuse, react, null, rfc3339, date_of, object_link, unpack_record = ... "

-- Of its own, which it may change.
local function copy_of(functions)
  local copy = {}
  for name, each in pairs(functions) do copy[name] = each end
  return copy
end

local function start_kind(name, kind)
  local file = name .. "/views.lua"
  local views = host.run_code(WORDS .. kind.source, "@" .. file, copy_of(db), refuse, react, NULL, rfc3339, date_of,
                              object_link, unpack_record)
  if type(views) ~= "table" or type(views.apply) ~= "function" then
    error(file .. ": must return a table with a function `apply`", 0)
  end
  for _, query in ipairs(kind.query_names) do
    if type((views.queries or {})[query]) ~= "function" then
      error(string.format("%s: has no query `%s`, which kind.yaml names", file, query), 0)
    end
  end
  kind.name, kind.apply, kind.queries = name, views.apply, views.queries
  kind.context = {parameters = kind.parameters}
  kind.memory = kind.ttl > 0 and kind.ttl or DELETIONS_REMEMBERED
  some_may_refuse = some_may_refuse or kind.may_refuse
end

local function start(described)
  for name, kind in pairs(described) do start_kind(name, kind) end
  kinds = described
  return {apply = apply_part, wake = wake_some, query = answer_query}
end
