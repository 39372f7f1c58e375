local MOVED = "moved" -- sorted: stall
local BEFORE = {open = "closed", packed = "open"}

local function state_of(stall) return "state:" .. stall end

local function apply(record)
  if record.deleted then return end
  local fields = record.fields
  local before = db.get(state_of(fields.stall))
  if before and BEFORE[fields.state] ~= before then refuse("it is " .. before .. ", so it cannot be " .. fields.state) end
  db.set(state_of(fields.stall), fields.state)
  db.rank(MOVED, fields.stall, 0)
end

local queries = {}

function queries.board()
  local stalls = {}
  for _, entry in ipairs(db.ranked(MOVED, {limit = 100})) do
    local stall = db.record("stall", entry.member)
    table.insert(stalls, {id = entry.member, stall = entry.member, name = stall and stall.name or entry.member,
                          state = db.get(state_of(entry.member))})
  end
  return {stalls = stalls}
end

return {apply = apply, queries = queries}
