-- What is to be asked of others because of a record (`reactions` in kind.yaml), kept in the same step as its views until
-- the outcome has come:
--
--   <views>reactions:<name>   sorted set: id, by the arrival of what led to it
--   <views>reaction:<id>      {"key", "with", "trace"}: the record's key, the arguments, and the traceparent of what is
--                             sampled; "-" once the outcome has come
--
-- An outcome is a part that `reaction/<id>` has sent. It may come before what led to it, where parts are replayed in the
-- order of two clocks: then nobody is asked.

local REACTION = "reaction" -- kReactionKind in common/access/caller.h
local LARGEST_REACTION = 16 * 1024
local HAS_COME = "-"
local HAS_COME_EARLY_MS = 24 * 60 * 60 * 1000

-- The same for the same record of the same upload: a UUID of version 8.
local function reaction_id(record, name)
  local hash = host.sha1hex(table.concat({record.kind.name, name, record.place, record.key}, "\n"))
  local variant = tonumber(string.sub(hash, 17, 17), 16) % 4
  return string.format("%s-%s-8%s-%s%s-%s", string.sub(hash, 1, 8), string.sub(hash, 9, 12), string.sub(hash, 14, 16),
                       string.sub("89ab", variant + 1, variant + 1), string.sub(hash, 18, 20), string.sub(hash, 21, 32))
end

local function react(name, with)
  if run.read_only then error("only apply may react", 2) end
  if not current.reactions[name] then error("kind.yaml has no reaction " .. tostring(name), 2) end
  if with ~= nil and type(with) ~= "table" then error("what a reaction is given is a table", 2) end
  local record = run.applied
  local id, given = reaction_id(record, name), with and next(with) ~= nil and encode(with) or "{}"
  if run.reactions[id] then error("apply may react once in each way: " .. name, 2) end
  if #given > LARGEST_REACTION then error("a reaction is given at most " .. LARGEST_REACTION .. " bytes", 2) end
  local trace = run.trace and ',"trace":' .. encode(run.trace) or ""
  run.changes = run.changes + 1
  run.reactions[id] = {kind = current, name = name,
                       text = '{"key":' .. encode(record.key) .. ',"with":' .. given .. trace .. "}"}
end

local function reaction_key(kind, id) return kind.views .. "reaction:" .. id end

local function commit_reactions()
  for id, reaction in pairs(run.reactions) do
    local key = reaction_key(reaction.kind, id)
    if not host.get(key) then
      host.set(key, reaction.text)
      host.rank(reaction.kind.views .. "reactions:" .. reaction.name, {[id] = run.now})
    end
  end
end

-- Of the family, the kind whose record has led to it; nil if that is not known yet.
local function take_reaction(id)
  for _, kind in pairs(kinds) do
    for name in pairs(kind.reactions) do
      local asked = kind.views .. "reactions:" .. name
      if host.score(asked, id) then
        host.rank(asked, {[id] = false})
        return kind
      end
    end
  end
  return nil
end

local function note_outcome_at(kind, id, ttl)
  if ttl > 0 then host.set(reaction_key(kind, id), HAS_COME, ttl) else host.delete(reaction_key(kind, id)) end
end

-- That the outcome has come is remembered as long as what became of its upload (`left`, ms), which of an old one is not
-- at all.
local function note_outcome(sender, left)
  if sender.kind ~= REACTION then return end
  local asked = take_reaction(sender.key)
  if asked then return note_outcome_at(asked, sender.key, left) end
  for _, kind in pairs(kinds) do
    if next(kind.reactions) then note_outcome_at(kind, sender.key, math.max(left, HAS_COME_EARLY_MS)) end
  end
end
