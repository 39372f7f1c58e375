#include "services/cache/sessions/sessions.h"

#include <algorithm>
#include <utility>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/json/rapid.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

/// So far back a refresh token is known as one that was replaced: a millisecond's work at most. Whoever
/// refreshes every ten minutes has no more of them in all.
constexpr std::int64_t kKnownTurns = 256;

std::string session_name(std::string_view session) {
  return "session:" + std::string(session);
}

/// `client/c1` -> `client` and `c1`
std::pair<std::string_view, std::string_view> parts_of(std::string_view principal) {
  const std::size_t slash = std::min(principal.find('/'), principal.size());
  return {principal.substr(0, slash), principal.substr(std::min(slash + 1, principal.size()))};
}

}  // namespace

/// What is noted of a session.
struct Sessions::State {
  std::string principal;
  std::string digest;  ///< of the account, and of the generation
  std::string token;   ///< what is kept of the refresh token that is valid
  std::int64_t started_ms = 0;
  std::int64_t turned_ms = 0;  ///< when that token took another one's place; 0: it is the first
  std::int64_t turns = 0;      ///< how often that has happened

  std::string text() const {
    return "{\"account\":" + json_string(principal) + ",\"digest\":\"" + digest + "\",\"token\":\"" + token +
           "\",\"started\":" + std::to_string(started_ms) + ",\"turned\":" + std::to_string(turned_ms) +
           ",\"turns\":" + std::to_string(turns) + "}";
  }
  std::size_t known_turns() const {
    return static_cast<std::size_t>(std::clamp(turns, std::int64_t{0}, kKnownTurns));
  }
  static std::optional<State> parse(const std::optional<std::string>& text);
};

std::optional<Sessions::State> Sessions::State::parse(const std::optional<std::string>& text) {
  rapidjson::Document document;
  if (!text || document.Parse(text->data(), text->size()).HasParseError() || !document.IsObject())
    return std::nullopt;
  const auto words = [&](std::string_view name) { return std::string(text_in(document, name)); };
  const auto number = [&](std::string_view name) {
    const rapidjson::Value* const value = member_of(document, name);
    return value != nullptr && value->IsInt64() ? value->GetInt64() : std::int64_t{0};
  };
  return State{words("account"),  words("digest"),  words("token"),
               number("started"), number("turned"), number("turns")};
}

/// A session and its account, both as they are.
struct Sessions::Found {
  State state;
  Account account;
};

Sessions::Sessions(PeopleStore& store, SessionTimes times, std::string secret, Clock clock)
    : store_(store), times_(times), secret_(std::move(secret)), chain_(secret_), clock_(clock) {}

std::int64_t Sessions::now_ms() const {
  return std::chrono::floor<milliseconds>(clock_().time_since_epoch()).count();
}

/// All sessions of an account are of its generation at their login. Another generation ends them all.
std::string Sessions::generation_name(std::string_view principal) const {
  return "generation:" + to_hex(hmac_sha256(secret_, as_text(sha256_of_pieces({"generation", principal}))));
}

/// Until it is over, if nobody refreshes it; never more than 0 once it is over.
milliseconds Sessions::left(const State& state) const {
  const milliseconds until_end(state.started_ms + times_.longest.count() - now_ms());
  return std::min(times_.idle, until_end);
}

Note Sessions::note_of(std::string_view session, const State& state) const {
  return {session_name(session), state.text(), left(state)};
}

OpenSession Sessions::open(Account account) {
  const RefreshToken token = new_refresh_token();
  const std::string generation = generation_name(account.principal());
  State state{.principal = account.principal(), .digest = {}, .token = token.kept(), .started_ms = now_ms()};
  store_.update({generation}, [&](const NoteTexts& texts) {
    state.digest = account.digest(texts[0].value_or(""));
    std::vector<Note> notes{note_of(token.session, state)};
    // It outlives all sessions that are of it.
    if (texts[0]) notes.push_back({generation, texts[0], times_.longest});
    return notes;
  });
  const WallClock::time_point end(milliseconds(state.started_ms) + times_.longest);
  return {std::move(account), token, left(state), end};
}

/// A session whose account is another one by now is taken away.
std::optional<Sessions::Found> Sessions::find(std::string_view session) {
  auto state = State::parse(store_.read({session_name(session)})[0]);
  if (!state || left(*state).count() <= 0) return std::nullopt;
  const auto [kind, key] = parts_of(state->principal);
  const auto generation = store_.read({generation_name(state->principal)})[0];
  const auto text = store_.account_text(kind, key);
  auto account = text ? parse_account(kind, key, *text) : std::nullopt;
  if (account && account->digest(generation.value_or("")) == state->digest)
    return Found{std::move(*state), std::move(*account)};
  end(session);
  return std::nullopt;
}

/// The state after `sent` came, and the token that is valid then; nothing, and no session any more, if it had
/// been replaced for longer than the grace. A token that is not of this session changes nothing.
std::optional<Sessions::State> Sessions::turn(const RefreshToken& sent, RefreshToken& valid) {
  std::optional<State> after;
  store_.update({session_name(sent.session)}, [&](const NoteTexts& texts) -> std::vector<Note> {
    after.reset();
    auto state = State::parse(texts[0]);
    if (!state || left(*state).count() <= 0) return {};
    const auto steps = chain_.steps(sent, state->token, state->known_turns());
    if (!steps) return {};
    const std::int64_t now = now_ms();
    const bool just_turned = now - state->turned_ms <= milliseconds(kRefreshGrace).count();
    if (*steps > 1 || (*steps == 1 && !just_turned)) return {{session_name(sent.session)}};
    valid = *steps == 0 && just_turned ? sent : chain_.successor(sent);
    if (!just_turned) {
      state->token = valid.kept();
      state->turned_ms = now;
      ++state->turns;
    }
    after = state;
    return {note_of(sent.session, *state)};
  });
  return after;
}

std::optional<OpenSession> Sessions::refresh(std::string_view refresh_token) {
  const auto sent = parse_refresh_token(refresh_token);
  if (!sent) return std::nullopt;
  auto found = find(sent->session);
  if (!found) return std::nullopt;
  RefreshToken valid;
  const auto state = turn(*sent, valid);
  if (!state) return std::nullopt;
  const WallClock::time_point end(milliseconds(state->started_ms) + times_.longest);
  return OpenSession{std::move(found->account), valid, left(*state), end};
}

std::optional<Account> Sessions::account_of(const Caller& caller) {
  auto found = find(caller.session);
  if (!found || found->state.principal != caller.principal()) return std::nullopt;
  return std::move(found->account);
}

std::optional<Caller> Sessions::caller_of(std::string_view refresh_token) {
  const auto token = parse_refresh_token(refresh_token);
  if (!token) return std::nullopt;
  const auto state = State::parse(store_.read({session_name(token->session)})[0]);
  if (!state || !chain_.steps(*token, state->token, state->known_turns())) return std::nullopt;
  const auto [kind, key] = parts_of(state->principal);
  return Caller{.kind = std::string(kind), .key = std::string(key), .roles = {}, .session = token->session};
}

void Sessions::end(std::string_view session) {
  const std::string name = session_name(session);
  store_.update({name}, [&](const NoteTexts&) { return std::vector<Note>{{name}}; });
}

void Sessions::end_all(std::string_view principal) {
  const std::string name = generation_name(principal);
  const std::string another = new_refresh_token().session;
  store_.update({name}, [&](const NoteTexts&) { return std::vector<Note>{{name, another, times_.longest}}; });
}

}  // namespace comporta
