-- Accounts of a kind that has some (`account` in kind.yaml), kept in the same step as their records:
--
--   <views>login:<login>    the key of the account with that login name, as it is
--   <views>account:<key>    {"login", "password", "roles"}, the password as the door has hashed it; always the same text
--                           for the same account
--   <views>accounts         sorted set: key, by the arrival of its first record
--   <views>holders:<role>   how many accounts have the role that somebody always has (`keeps`)
--
-- A record with a name that another account has is refused, and keeps no other out.

local function read_account(kind, key)
  local text = read_text(kind.views .. "account:" .. key)
  return text and decode(text)
end

local function is_hash(password)
  if type(password) ~= "string" then return false end
  return string.find(password, "^%$argon2id%$") or string.find(password, "^%$2b%$")
end

-- Only an admin sets them.
local function roles_of(given, before, sender)
  if not sender.has.admin or type(given.roles) ~= "table" then return before and before.roles or {} end
  local roles = {}
  for _, role in ipairs(given.roles) do roles[#roles + 1] = tostring(role) end
  return roles
end

local function holds(kind, account)
  if not kind.keeps or not account then return 0 end
  for _, role in ipairs(account.roles) do
    if role == kind.keeps then return 1 end
  end
  return 0
end

local function holders(kind) return tonumber(read_text(kind.views .. "holders:" .. kind.keeps) or 0) end

-- Whether it would leave nobody with the role that somebody always has.
local function leaves_nobody(kind, before, after)
  return holds(kind, before) > holds(kind, after) and holders(kind) <= 1
end

local function changed_account(kind, before, after)
  if leaves_nobody(kind, before, after) then return nil, "nobody else has the role " .. kind.keeps end
  return after
end

-- The account as the record leaves it, false if it is deleted; or nil, and why it cannot be.
local function account_after(record)
  local kind = record.kind
  local before = read_account(kind, record.key)
  if record.deleted then return changed_account(kind, before, false) end
  local given = decode(record.account)
  local login, password = given.login, given.password
  if type(login) ~= "string" or login == "" then return nil, "there is no login name" end
  local holder = read_text(kind.views .. "login:" .. login)
  if holder and holder ~= record.key then return nil, "the login name is taken" end
  if password ~= nil and not is_hash(password) then return nil, "the password has not been hashed" end
  if not password and not before then return nil, "a new account needs a password" end
  return changed_account(kind, before, {login = login, password = password or before.password,
                                        roles = roles_of(given, before, record.sender)})
end

local function write_account(record, account)
  local kind, key = record.kind, record.key
  local before, listed = read_account(kind, key), kind.views .. "accounts"
  if before and before.login ~= (account and account.login) then
    write_text(kind.views .. "login:" .. before.login, false)
  end
  local more = holds(kind, account) - holds(kind, before)
  if more ~= 0 then write_text(kind.views .. "holders:" .. kind.keeps, string.format("%.0f", holders(kind) + more)) end
  write_text(kind.views .. "account:" .. key, account and encode(account))
  if not account then return write_score(listed, key, false) end
  write_text(kind.views .. "login:" .. account.login, key)
  if not read_score(listed, key) then write_score(listed, key, record.arrival) end
end
