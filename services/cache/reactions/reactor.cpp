#include "services/cache/reactions/reactor.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/access/token.h"
#include "common/base/error.h"
#include "common/base/random.h"
#include "common/telemetry/log.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kConnections = 64;
/// How often whoever holds the lease looks at what has come, and how often the others whether it is theirs.
constexpr milliseconds kBetweenLooks{100};
constexpr milliseconds kBetweenTries{1'000};
constexpr std::chrono::seconds kToDrain{3};
/// Of the token of one upload.
constexpr std::int64_t kTokenSeconds = 60;

WallMs now() {
  return std::chrono::floor<milliseconds>(WallClock::now());
}

double draw() {
  std::array<std::uint8_t, 1> byte{};
  random_bytes(byte);
  return byte[0] / 255.0;
}

std::vector<const Reaction*> pointers_to(const std::vector<Reaction>& reactions) {
  std::vector<const Reaction*> all;
  all.reserve(reactions.size());
  for (const Reaction& reaction : reactions) all.push_back(&reaction);
  return all;
}

std::optional<std::string> token_for(const std::string& id, Gatekeeper& keeper) {
  const auto ring = keeper.keys().look_again();
  const TokenKey* const key = ring->signing();
  if (key == nullptr) return std::nullopt;
  const auto issued = std::chrono::floor<std::chrono::seconds>(WallClock::now().time_since_epoch()).count();
  const Claims claims{.subject = std::string(kReactionKind) + "/" + id,
                      .session = id,
                      .roles = {std::string(kReactorRole)},
                      .id = new_uuid_v7(),
                      .issued = issued,
                      .expires = issued + kTokenSeconds,
                      .not_before = issued};
  return sign_token(claims, keeper.rules(), *key);
}

}  // namespace

std::vector<Reaction> set_up_reactions(const KindSet& kinds, const LookupSettings& providers) {
  std::vector<Reaction> all;
  for (const auto& [name, kind] : kinds.all())
    for (const auto& [reaction, declared] : kind.reactions) {
      all.push_back(set_up(name, reaction, declared, providers));
      const std::string& missing = all.back().missing;
      if (missing.empty()) continue;
      // An installation that names no host does without it.
      const auto log = declared.address.host.empty() ? log_info : log_warn;
      log("a reaction is not set up", {{"kind", name}, {"reaction", reaction}, {"reason", missing}});
    }
  return all;
}

Reactor::Reactor(const ReactionSettings& settings, const LookupSettings& providers, const KindSet& kinds,
                 Gatekeeper& keeper, Outbox& outbox, Metrics& metrics, SpanSink* spans)
    : reactions_(set_up_reactions(kinds, providers)),
      keeper_(keeper),
      outbox_(outbox),
      client_({.max_connections = kConnections, .ca_file = providers.ca_file}),
      desk_(pointers_to(reactions_), {.gateway = settings.gateway, .pause = settings.pause},
            {.calls = [this](std::uint64_t token,
                             const OutgoingRequest& request) { client_.start(token, request); },
             .tokens = [this](const std::string& id) { return token_for(id, keeper_); },
             .draw = draw,
             .spans = spans},
            outbox_, metrics),
      active_(metrics.gauge("comporta_reactions_active", "1 where reactions are worked off.")) {
  if (reactions_.empty() || !settings.enabled) return;
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "reactions");
}

Reactor::~Reactor() {
  if (!thread_.joinable()) return;
  ends_ = true;
  inbox_.poke();
  thread_.join();
}

void Reactor::run() {
  while (!ends_) {
    const bool works = try_work();
    const auto ended = client_.poll(inbox_.fd(), works ? kBetweenLooks : kBetweenTries);
    try {
      for (const IncomingAnswer& answer : ended) desk_.end(answer, now());
    } catch (const TransientError&) {
      desk_.drop();
    }
  }
  drain();
}

/// Whether this one holds the lease, and Redis is there.
bool Reactor::try_work() {
  bool holds = false;
  try {
    holds = outbox_.hold();
    if (holds) desk_.work(now());
  } catch (const TransientError&) {
    holds = false;
  }
  if (!holds) desk_.drop();
  if (std::exchange(holds_, holds) == holds) return holds;
  active_.set(holds ? 1 : 0);
  log_info(holds ? "reactions are worked off here" : "reactions are not worked off here any more");
  return holds;
}

void Reactor::drain() {
  try {
    const auto limit = std::chrono::steady_clock::now() + kToDrain;
    while (holds_ && desk_.under_way() > 0 && std::chrono::steady_clock::now() < limit)
      for (const IncomingAnswer& answer : client_.poll(-1, kBetweenLooks)) desk_.end(answer, now());
    if (holds_) outbox_.let_go();
  } catch (const TransientError&) {
    // The lease ends by itself.
  }
}

}  // namespace comporta
