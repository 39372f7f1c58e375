-- wrk script: uploads of RECORDS transactions, the first with a key of its own in each.
local count = tonumber(os.getenv("RECORDS") or "1")
local function transaction(key)
  return '{"_id":"' .. key .. '","isActive":true,"cliente":"Cliente fulano",' ..
         '"email":"clientefulanoo@example.com","endereco":"Cidade A, Estado A, 1000",' ..
         '"datatrasancao":"2024-03-11T12:00:00 +00:00"}'
end

local rest = {}
for n = 2, count do rest[#rest + 1] = "," .. transaction("other" .. n) end
local tail = table.concat(rest) .. "]"

local thread_count = 0
function setup(thread)
  thread:set("thread_number", thread_count)
  thread_count = thread_count + 1
end

local sent = 0
function request()
  sent = sent + 1
  local body = "[" .. transaction("u" .. thread_number .. "-" .. sent) .. tail
  return wrk.format("POST", "/api/v1/records/transaction", {["Content-Type"] = "application/json"}, body)
end

-- One line that short_load.py reads.
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("RESULT requests=%d refused=%d broken=%d microseconds=%d p50=%.1f p99=%.1f\n",
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
