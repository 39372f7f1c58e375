#include "services/cache/lookups/known_answers.h"

#include <string_view>
#include <utility>

#include "common/base/error.h"
#include "common/base/text.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

/// While Redis is away nobody who asks waits for it.
constexpr std::chrono::seconds kBetweenTries{1};

/// `<fetched, ms> <result>`
std::string text_of(const KnownAnswer& answer) {
  const auto fetched = std::chrono::floor<milliseconds>(answer.fetched.time_since_epoch());
  return std::to_string(fetched.count()) + " " + answer.result;
}

std::optional<KnownAnswer> answer_in(std::string_view text) {
  const std::string_view number = text.substr(0, text.find(' '));
  const auto fetched = whole_number<std::int64_t>(number);
  if (!fetched || number.size() == text.size()) return std::nullopt;
  return KnownAnswer{WallClock::time_point(milliseconds(*fetched)),
                     std::string(text.substr(number.size() + 1))};
}

}  // namespace

RedisKnownAnswers::RedisKnownAnswers(RedisServer server, const std::string& prefix)
    : RedisClient(std::move(server)), key_start_(prefix + "-lookups:") {}

template <typename Work>
void RedisKnownAnswers::unless_away(Work work) {
  if (Clock::now() < next_try_) return;
  try {
    with_connection(work);
  } catch (const TransientError&) {
    next_try_ = Clock::now() + kBetweenTries;
  }
}

std::vector<std::optional<KnownAnswer>> RedisKnownAnswers::read(const std::vector<std::string>& keys) {
  std::vector<std::optional<KnownAnswer>> known(keys.size());
  if (keys.empty()) return known;
  unless_away([&] {
    commands_.command(1 + keys.size()).argument("MGET");
    for (const std::string& key : keys) commands_.argument(key_start_, key);
    connection_->send(commands_);
    const RedisReply reply = connection_->receive();
    for (std::size_t i = 0; i < reply.size(); ++i) known[i] = answer_in(reply[i].text());
  });
  return known;
}

void RedisKnownAnswers::keep(const std::string& key, const KnownAnswer& answer, std::chrono::seconds ttl) {
  unless_away([&] {
    commands_.command(5).argument("SET").argument(key_start_, key).argument(text_of(answer));
    commands_.argument("EX").argument(static_cast<std::size_t>(ttl.count()));
    connection_->send(commands_);
    connection_->skip(1);
  });
}

}  // namespace comporta
