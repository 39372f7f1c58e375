-- Asks in the ways that `ask` names, separated by blanks.

local function apply(record)
  local fields = record.fields
  if fields.needs and not db.record("payment", fields.needs) then
    refuse("there is no payment " .. fields.needs, {kind = "payment", key = fields.needs})
  end
  if record.deleted then return end
  local items = fields.items or {}
  for name in string.gmatch(fields.ask or "", "%S+") do
    local with = {order = record.key, items = items, count = #items, on = date_of(record.arrival)}
    react(name, name ~= "bare" and with or nil)
  end
end

return {apply = apply}
