-- Whoever is called "waits" waits for somebody who never comes.

local function apply(record)
  if not record.deleted and record.key == "waits" then refuse("nobody is there", {kind = "member", key = "nobody"}) end
end

return {apply = apply, queries = {}}
