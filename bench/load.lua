-- wrk script: uploads of transactions, or of orders, of which each is new. Bodies of transactions are made once and sent round and round; only the first record of
-- each upload has a key that no other has. What it reads from the environment:
--   UPLOAD_PATH      where to
--   KIND             order, or any other: transactions
--   RECORDS          records an upload, or `mixed`: 90 of 100 uploads have one, 9 have 100, one has 5,000
--   FLAGS            none: a client is always at one address; few: one of each 1,000 of an upload
--                    (and one of fewer) is not; all: none is
--   PAUSE_MS         before each upload
--   IDEMPOTENCY_KEY  sent with every upload, which is then always the same one
local path = os.getenv("UPLOAD_PATH")
local kind = os.getenv("KIND")
local records = os.getenv("RECORDS") or "1"
local flags = os.getenv("FLAGS") or "none"
local key = os.getenv("IDEMPOTENCY_KEY")
local pause = tonumber(os.getenv("PAUSE_MS") or 0)

local VARIANTS = 12 -- bodies of one size
local CLIENT_SETS = 4 -- so each client is in three of them

local PEOPLE = 5000

local FIRST_NAMES = {"Ana", "Maria", "José", "João", "Carlos", "Paulo", "Lucas", "Pedro", "Juliana", "Marcos",
                     "Fernanda", "Rafael", "Camila", "Bruno", "Patrícia", "Gabriel"}
local LAST_NAMES = {"Silva", "Santos", "Oliveira", "Souza", "Rodrigues", "Ferreira", "Alves", "Pereira", "Lima",
                    "Gomes", "Costa", "Ribeiro", "Martins", "Carvalho", "Almeida", "Lopes"}
local CITIES = {"São Paulo, SP", "Rio de Janeiro, RJ", "Salvador, BA", "Fortaleza, CE", "Curitiba, PR", "Manaus, AM",
                "Recife, PE", "Porto Alegre, RS", "Belém, PA", "Campinas, SP", "Natal, RN", "Londrina, PR",
                "Niterói, RJ", "Santos, SP", "Joinville, SC", "Olinda, PE"}

-- People differ as those of a real upload do: how well a text compresses is a part of what it costs.
local people = {}
math.randomseed(7) -- the same in each run
for number = 1, PEOPLE do
  local first, last = FIRST_NAMES[math.random(16)], LAST_NAMES[math.random(16)]
  local mailbox = (first .. "." .. last .. number):gsub("[\128-\255]", ""):lower()
  people[number] = {
    city = math.random(16),
    -- what stands before and behind the city
    '","isActive":true,"cliente":"' .. first .. " " .. last .. '","email":"' .. mailbox .. '@example.com","endereco":"',
    string.format(', %d","datatrasancao":"2024-%02d-%02dT%02d:%02d:%02d +00:00"}', math.random(2000), math.random(12),
                  math.random(28), math.random(24) - 1, math.random(60) - 1, math.random(60) - 1)}
end

-- Somebody who moves is elsewhere in each variant.
local function transaction(client, number, moves_to)
  local person = people[number % PEOPLE + 1]
  local city = CITIES[(person.city + (moves_to or 0)) % 16 + 1]
  return '{"_id":"' .. client .. person[1] .. city .. person[2]
end

-- All of an upload but its first record.
local function rest_of(size, variant)
  local rest = {}
  for number = 2, size do
    local client = "cliente" .. variant % CLIENT_SETS .. "-" .. number
    local moves = flags == "all" or (flags == "few" and number % 1000 == 2)
    rest[#rest + 1] = "," .. transaction(client, number, moves and variant)
  end
  return table.concat(rest) .. "]"
end

local PRODUCTS = 100 -- p1 to p100 (comporta_bench/shop.py)
local ORDERS = 1000 -- after which clients buy the same again

-- What stands behind the id of an order.
local tails = {}
local function order_tail(number)
  return string.format('","client":"c%d","products":[{"product_id":"p%d"},{"product_id":"p%d"}],"credit_card":' ..
                       '{"card_number":"4%015d","card_holder_name":"%s %s","exp_date":"12/30"}}', math.random(PEOPLE),
                       math.random(PRODUCTS), math.random(PRODUCTS), number, FIRST_NAMES[math.random(16)],
                       LAST_NAMES[math.random(16)])
end

local rests, head = {}, nil
function init()
  head = "POST " .. path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nContent-Type: application/json\r\n" ..
         (key and "Idempotency-Key: " .. key .. "\r\n" or "") .. "Content-Length: "
  for _, size in ipairs(records == "mixed" and {1, 100, 5000} or {tonumber(records)}) do
    rests[size] = {}
    for variant = 1, kind == "order" and 0 or VARIANTS do rests[size][variant] = rest_of(size, variant) end
  end
  for number = 1, kind == "order" and ORDERS or 0 do tails[number] = order_tail(number) end
end

local function mixed_size(number)
  local of_hundred = number % 100
  return of_hundred == 50 and 5000 or of_hundred % 11 == 5 and 100 or 1
end

local sent = 0
accepted = 0 -- global: done() asks for it
local run = os.time()

local function orders(size, upload, run)
  local pieces, start = {}, '{"id":"o' .. run .. "-" .. upload .. "-"
  for number = 1, size do pieces[number] = start .. number .. tails[(upload * size + number) % ORDERS + 1] end
  return "[" .. table.concat(pieces, ",") .. "]"
end

-- All of a request in one piece: each further copy of an upload of 5,000 would be at the cost of who is measured.
function request()
  sent = sent + 1
  local size = records == "mixed" and mixed_size(sent) or tonumber(records)
  if kind == "order" then
    local body = orders(size, sent, run)
    return head .. #body .. "\r\n\r\n" .. body
  end
  local first = transaction(key and "the-same" or "u" .. run .. "-" .. sent, key and 1 or sent)
  local rest = rests[size][sent % VARIANTS + 1]
  return head .. #first + #rest + 1 .. "\r\n\r\n[" .. first .. rest
end

if pause > 0 then
  function delay() return pause end
end

-- Only where the answer has to say how many records it is about: reading answers slows the load down. An nginx that
-- answers by itself says nothing.
if records == "mixed" then
  function response(status, _, body)
    if status == 202 then accepted = accepted + tonumber(body:match('"records": ?(%d+)') or 0) end
  end
end

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

function done(summary, latency, _)
  local errors, total = summary.errors, 0
  for _, thread in ipairs(threads) do total = total + (thread:get("accepted") or 0) end
  local function milliseconds(percentile) return latency:percentile(percentile) / 1000 end
  io.write(string.format(
    "RESULT uploads=%d refused=%d broken=%d counted_records=%d seconds=%.6f p50=%.2f p99=%.2f p999=%.2f\n",
    summary.requests - errors.status, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, total, summary.duration / 1e6,
    milliseconds(50), milliseconds(99), milliseconds(99.9)))
end
