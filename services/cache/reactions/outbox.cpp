#include "services/cache/reactions/outbox.h"

#include <utility>

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/json/rapid.h"
#include "common/telemetry/trace.h"
#include "services/cache/apply/key_names.h"

namespace comporta {
namespace {

/// So that nothing is left of one whose end nobody has seen.
constexpr std::chrono::seconds kStateTtl{30 * 24 * 60 * 60};
/// Sets it, or prolongs it, unless it is somebody else's.
constexpr char kHold[] = R"(local holder = redis.call("GET", KEYS[1])
if holder == ARGV[1] then return redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
if holder then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1)";
constexpr char kLetGo[] =
    R"(return redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("DEL", KEYS[1]) or 0)";

std::optional<WallMs> moment_in(std::string_view score) {
  const auto ms = whole_number<std::int64_t>(score);
  if (!ms) return std::nullopt;
  return WallMs(std::chrono::milliseconds(*ms));
}

/// What the views have written of one, as WaitingReaction; nothing of one whose outcome has come.
std::optional<WaitingReaction> waiting_in(std::string_view entry) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(entry.data(), entry.size());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  const rapidjson::Value* const with = member_of(document, "with");
  if (with == nullptr) return std::nullopt;
  const std::string_view trace = text_in(document, "trace");
  return WaitingReaction{.with = json_text(*with),
                         .trace = std::string(trace_id(trace).empty() ? "" : trace)};
}

std::string as_json(const Outcome& outcome) {
  JsonObject json;
  json.add("kind", json_string(outcome.kind));
  json.add("record", outcome.record);
  json.add("good", outcome.is_good ? "true" : "false");
  return json.text();
}

/// Nothing of one that has none, or not as it is written here.
std::optional<Outcome> outcome_in(const rapidjson::Value& state) {
  const rapidjson::Value* const outcome = member_of(state, "outcome");
  if (outcome == nullptr || !outcome->IsObject()) return std::nullopt;
  const rapidjson::Value* const record = member_of(*outcome, "record");
  const rapidjson::Value* const good = member_of(*outcome, "good");
  if (record == nullptr || good == nullptr) return std::nullopt;
  return Outcome{std::string(text_in(*outcome, "kind")), json_text(*record), good->IsTrue()};
}

std::string reaction_start(const std::string& prefix, const Reaction& reaction) {
  return view_key_start(prefix, reaction.kind);
}

}  // namespace

std::string ReactionState::to_json() const {
  JsonObject json;
  json.add("tries", std::to_string(tries));
  json.add("due", std::to_string(due.time_since_epoch().count()));
  json.add("error", json_string(error));
  if (outcome) json.add("outcome", as_json(*outcome));
  json.add("uploaded", uploaded ? "true" : "false");
  return json.text();
}

ReactionState ReactionState::read(std::string_view json) {
  ReactionState state;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return state;
  const auto number = [&](const char* name) {
    const rapidjson::Value* const value = member_of(document, name);
    return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
  };
  const rapidjson::Value* const uploaded = member_of(document, "uploaded");
  state.tries = number("tries");
  state.due = WallMs(std::chrono::milliseconds(number("due")));
  state.error = text_in(document, "error");
  state.outcome = outcome_in(document);
  state.uploaded = uploaded != nullptr && uploaded->IsTrue();
  return state;
}

RedisOutbox::RedisOutbox(RedisServer server, const std::string& prefix, std::chrono::milliseconds lease)
    : RedisClient(std::move(server)), prefix_(prefix), own_(prefix + "-reactions:"), lease_(lease) {}

bool RedisOutbox::hold() {
  return with_connection([&] {
    commands_.command(6).argument("EVAL").argument(kHold).argument("1").argument(own_, "holder");
    commands_.argument(token_).argument(static_cast<std::size_t>(lease_.count()));
    connection_->send(commands_);
    return connection_->receive().number() == 1;
  });
}

void RedisOutbox::let_go() {
  with_connection([&] {
    commands_.command(5).argument("EVAL").argument(kLetGo).argument("1").argument(own_, "holder");
    commands_.argument(token_);
    connection_->send(commands_);
    connection_->skip(1);
  });
}

std::vector<WaitingLine> RedisOutbox::look(const std::vector<const Reaction*>& reactions) {
  return with_connection([&] {
    for (const Reaction* reaction : reactions) {
      const std::string line = reaction_start(prefix_, *reaction) + "reactions:" + reaction->name;
      commands_.command(2).argument("ZCARD").argument(line);
      commands_.command(5).argument("ZRANGE").argument(line).argument("0").argument(kMostInSight - 1);
      commands_.argument("WITHSCORES");
    }
    connection_->send(commands_);
    std::vector<WaitingLine> lines(reactions.size());
    for (WaitingLine& line : lines) {
      line.count = static_cast<std::size_t>(connection_->receive().number());
      const RedisReply entries = connection_->receive();
      for (std::size_t i = 0; i + 1 < entries.size(); i += 2) line.ids.emplace_back(entries[i].text());
      if (entries.size() > 1) line.oldest = moment_in(entries[1].text());
    }
    return lines;
  });
}

std::vector<std::optional<WaitingReaction>> RedisOutbox::read(const Reaction& reaction,
                                                              const std::vector<std::string>& ids) {
  if (ids.empty()) return {};
  return with_connection([&] {
    const std::string start = reaction_start(prefix_, reaction) + "reaction:";
    commands_.command(1 + ids.size()).argument("MGET");
    for (const std::string& id : ids) commands_.argument(start, id);
    commands_.command(1 + ids.size()).argument("MGET");
    for (const std::string& id : ids) commands_.argument(own_, "state:" + id);
    connection_->send(commands_);
    const RedisReply entries = connection_->receive();
    const RedisReply states = connection_->receive();
    std::vector<std::optional<WaitingReaction>> waiting;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      waiting.push_back(waiting_in(entries[i].text()));
      if (waiting.back()) waiting.back()->state = ReactionState::read(states[i].text());
    }
    return waiting;
  });
}

void RedisOutbox::save(const std::string& id, const ReactionState& state) {
  with_connection([&] {
    commands_.command(5).argument("SET").argument(own_, "state:" + id).argument(state.to_json());
    connection_->send(commands_.argument("EX").argument(static_cast<std::size_t>(kStateTtl.count())));
    connection_->skip(1);
  });
}

void RedisOutbox::forget(const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  with_connection([&] {
    commands_.command(1 + ids.size()).argument("DEL");
    for (const std::string& id : ids) commands_.argument(own_, "state:" + id);
    connection_->send(commands_);
    connection_->skip(1);
  });
}

std::map<std::string, std::string> RedisOutbox::orders() {
  return with_connection([&] {
    connection_->send(commands_.command(2).argument("HGETALL").argument(own_, "orders"));
    const RedisReply reply = connection_->receive();
    std::map<std::string, std::string> all;
    for (std::size_t i = 0; i + 1 < reply.size(); i += 2) all.emplace(reply[i].text(), reply[i + 1].text());
    return all;
  });
}

void RedisOutbox::order_is_done(const std::string& id) {
  with_connection([&] {
    connection_->send(commands_.command(3).argument("HDEL").argument(own_, "orders").argument(id));
    connection_->skip(1);
  });
}

}  // namespace comporta
