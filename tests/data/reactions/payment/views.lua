-- What was said of each order, in the order of its coming.

local function apply(record)
  local fields = record.fields
  if record.deleted then return end
  local said = db.get("of:" .. fields.order) or {}
  said[#said + 1] = fields.status
  db.set("of:" .. fields.order, said)
  db.set("reason:" .. fields.order, fields.reason or "")
  db.set("qr:" .. fields.order, fields.qr or "")
end

local function of(arguments)
  local said = db.get("of:" .. arguments.order)
  if not said then return nil end
  return {said = said, reason = db.get("reason:" .. arguments.order), qr = db.get("qr:" .. arguments.order)}
end

return {apply = apply, queries = {of = of}}
