-- Notes what apply was asked about: `<key> <place before> <place>`. A meter that would be nowhere is an error, and one
-- that is beside another one is where that is.

local function apply(record)
  local place = record.fields.place or "deleted"
  if place == "refused" then refuse("no such place") end
  if place == "nowhere" then error("a place is needed") end
  local beside = string.match(place, "^beside (.+)$")
  if beside then place = place .. ": " .. (db.record("meter", beside) or {place = "nowhere"}).place end
  local before = record.previous and record.previous.fields.place or "new"
  db.append("asked", record.key .. " " .. before .. " " .. place, {keep = 100})
  if place == "wrong" then return {keep_previous = true, flags = {"wrong"}} end
end

local queries = {}

function queries.asked() return {asked = db.list("asked")} end

return {apply = apply, queries = queries}
