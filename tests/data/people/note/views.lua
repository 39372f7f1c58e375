-- Notes by member, and how many there are.

local function count(note, sign)
  db.increment("notes", sign)
  db.increment("notes:" .. note.member, sign)
end

local function apply(record)
  if not record.deleted and record.fields.text == "refuse me" then refuse("no such text") end
  if record.previous then count(record.previous.fields, -1) end
  if not record.deleted then count(record.fields, 1) end
end

local function of_member(arguments)
  return {member = arguments.member, notes = db.get("notes:" .. arguments.member) or 0}
end

local function of_all() return {notes = db.get("notes") or 0} end

return {apply = apply, queries = {mine = of_member, ["by-member"] = of_member, hall = of_member, board = of_all,
                                  all = of_all}}
