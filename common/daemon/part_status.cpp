#include "common/daemon/part_status.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/problem.h"
#include "common/base/text.h"
#include "common/http/problem_response.h"

namespace comporta {
namespace {

constexpr std::string_view kPath = "/api/v1/status";

}  // namespace

PartStatus::PartStatus(StatusWords words, Look look, Clock clock)
    : words_(std::move(words)), look_(std::move(look)), clock_(std::move(clock)), since_(clock_()) {}

PartStatus::State PartStatus::state_of(const PartNow& now, WallClock::time_point time) {
  if (now.trouble.empty())
    trouble_since_.reset();
  else if (!trouble_since_)
    trouble_since_ = time;
  if (trouble_since_ && time - *trouble_since_ >= kStopped) return State::kStopped;
  return now.behind_since && time - *now.behind_since >= kLate ? State::kLate : State::kWorks;
}

void PartStatus::tick() {
  PartNow now = look_();
  const auto time = clock_();
  const State state = state_of(now, time);
  const std::lock_guard lock(mutex_);
  if (state != std::exchange(state_, state))
    since_ = state == State::kStopped ? *trouble_since_ : state == State::kLate ? *now.behind_since : time;
  now_ = std::move(now);
}

std::string PartStatus::json() const {
  const std::lock_guard lock(mutex_);
  const auto lag = now_.behind_since ? clock_() - *now_.behind_since : WallClock::duration::zero();
  const auto seconds = std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(lag).count());
  const char* const state = state_ == State::kWorks ? "works" : state_ == State::kLate ? "late" : "stopped";
  const std::string& words = state_ == State::kWorks  ? words_.works
                             : state_ == State::kLate ? words_.late
                                                      : now_.trouble;
  return "{\"state\":\"" + std::string(state) + "\",\"since\":" + json_string(rfc3339(since_)) +
         ",\"lag_seconds\":" + std::to_string(seconds) + ",\"words\":" + json_string(words) + "}";
}

HttpHandler PartStatus::before(HttpHandler handler) const {
  return [this, handler = std::move(handler)](HttpRequest request, Responder responder) {
    if (request.path != kPath) return handler(std::move(request), std::move(responder));
    if (!request.is_read()) return responder.send(refusal(method_not_allowed("GET, HEAD"), request));
    responder.send(not_kept({.body = json()}));
  };
}

}  // namespace comporta
