-- Reading. Returns a word and a text: "found" and JSON, "missing", "refused" and the argument that cannot be, or "failed"
-- and why.

local own = {} -- queries that every kind has
local own_of_accounts = {} -- those that a kind of accounts has besides

-- A record's fields as they are kept: decoded they would be without what tells an empty object from an empty list.
local function shown_fields(record) return as_it_is(fields_text(record.text)) end

local function shown_record(kind, entry, key)
  local full_key = kind.records .. key
  local text = host.get(full_key)
  local record = text and cached(text, kind, full_key, run.now)
  if not record or record.batch ~= entry.batch or record.arrival ~= entry.arrival then return nil end
  return shown_fields(record), kind.ttl > 0 and rfc3339(record.arrival + kind.ttl * 1000) or nil
end

-- Adds the records of a part, the last one first, until there are so many.
local function show_part(kind, entry, records, limit)
  for index = #entry.keys, 1, -1 do
    if #records >= limit then return end
    local key, number = entry.keys[index], tostring(index)
    local fields, expires_at = shown_record(kind, entry, key)
    records[#records + 1] = {key = key, outcome = entry.outcomes[number] or "applied",
                             flags = entry.flags[number] or {}, record = fields,
                             arrived_at = rfc3339(entry.arrival), expires_at = expires_at,
                             object = object_link(entry.batch, entry.upload)}
  end
end

-- The latest records, the last one first, each with its fields while just it is in the cache; and what has come
-- in ever since.
function own.recent(kind, arguments)
  local records, counters = {}, {}
  for _, text in ipairs(host.read("LRANGE", kind.views .. "latest", 0, arguments.limit - 1)) do
    show_part(kind, decode(text), records, arguments.limit)
  end
  local flat = host.read("HGETALL", kind.views .. "counters")
  for index = 1, #flat, 2 do counters[flat[index]] = tonumber(flat[index + 1]) end
  counters.records = counters.records or 0
  return {kind = kind.name, counters = counters, records = records}
end

function own.refused(kind, arguments)
  local records = {}
  local page, cursor = page_of(kind.views .. "refused", arguments, true)
  for _, listed in ipairs(page) do
    local entry = read_value(kind.views .. "refused:" .. listed.member)
    local record = refused_record(kind, listed.member)
    records[#records + 1] = {key = listed.member, reason = entry.reason, arrived_at = rfc3339(record.arrival),
                             waits_for = entry.kind and {kind = entry.kind, key = entry.key},
                             object = object_link(record.batch, record.upload),
                             record = shown_fields(record)}
  end
  return {kind = kind.name, records = records, cursor = cursor}
end

-- The latest account first, each with its record.
function own_of_accounts.accounts(kind, arguments)
  local accounts = {}
  local page, cursor = page_of(kind.views .. "accounts", arguments, true)
  for _, listed in ipairs(page) do
    local account, record = read_account(kind, listed.member), cached_of(kind, listed.member)
    accounts[#accounts + 1] = {key = listed.member, login = account.login, roles = account.roles,
                               record = record and shown_fields(record)}
  end
  return {kind = kind.name, accounts = accounts, cursor = cursor}
end

local function ask(kind, name, arguments)
  local answer = own[name] or (kind.account and own_of_accounts[name])
  if answer then return answer(kind, arguments) end
  return kind.queries[name](arguments, kind.context)
end

local function answer_query(kind_name, name, arguments, now)
  local kind = kinds[kind_name]
  start_run(now, kinds)
  run.read_only = true
  current = kind
  local done, result = pcall(ask, kind, name, decode(arguments))
  if done and result == nil then return "missing", "" end
  if done then return "found", encode(result) end
  if type(result) == "table" and result.bad_argument then return "refused", result.bad_argument end
  return "failed", as_reason(result)
end
