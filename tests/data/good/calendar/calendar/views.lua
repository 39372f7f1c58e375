-- Writes moments, in milliseconds since 1970.

local queries = {}

function queries.days(arguments)
  local days = {}
  for index, ms in ipairs(arguments.moments) do days[index] = date_of(ms) end
  return {days = days}
end

function queries.times(arguments)
  local times = {}
  for index, ms in ipairs(arguments.moments) do times[index] = rfc3339(ms) end
  return {times = times}
end

return {apply = function() end, queries = queries}
