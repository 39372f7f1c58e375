-- Before the first call: the code of the kinds, each with what it may use and nothing of Redis.

local WORDS = "local db, refuse, react, null, rfc3339, date_of, object_link, unpack_record, redis, cjson = ... "

local function start_kind(name, kind)
  local file = name .. "/views.lua"
  local chunk, fault = loadstring(WORDS .. kind.source, "@" .. file)
  if not chunk then error(fault, 0) end
  local views = chunk(db, refuse, react, cjson.null, rfc3339, date_of, object_link, unpack_record)
  if type(views) ~= "table" or type(views.apply) ~= "function" then
    error(file .. ": must return a table with a function `apply`", 0)
  end
  for _, query in ipairs(kind.query_names) do
    if type((views.queries or {})[query]) ~= "function" then
      error(string.format("%s: has no query `%s`, which kind.yaml names", file, query), 0)
    end
  end
  kind.name, kind.apply, kind.queries = name, views.apply, views.queries
  kind.context, kind.ttl_text = {parameters = kind.parameters}, string.format("%.0f", kind.ttl)
  kind.width = 1 + (kind.apart and 1 or 0) + (kind.account and 1 or 0)
  kind.memory = kind.ttl > 0 and kind.ttl or DELETIONS_REMEMBERED
  kind.memory_text = string.format("%.0f", kind.memory)
  some_may_refuse = some_may_refuse or kind.may_refuse
end

function start()
  if kinds then return end
  local started = describe_kinds()
  for name, kind in pairs(started) do start_kind(name, kind) end
  kinds = started
end
