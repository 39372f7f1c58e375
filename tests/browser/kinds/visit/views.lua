local function visits_of(stall) return "visits:" .. stall end

local function apply(record, context)
  if record.deleted then return end
  local fields = record.fields
  if fields.guests > 100 then refuse("there is no room for so many") end
  db.append(visits_of(fields.stall), {at = rfc3339(context.now), guests = fields.guests}, {keep = 100})
end

local queries = {}

function queries.of(arguments)
  return {visits = db.list(visits_of(arguments.stall))}
end

return {apply = apply, queries = queries}
