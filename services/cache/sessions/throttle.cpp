#include "services/cache/sessions/throttle.h"

#include <algorithm>
#include <charconv>

#include "common/base/digest.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kFreeFailures = 5;
constexpr std::int64_t kFirstWaitMs = 1'000;
constexpr std::int64_t kLongestWaitMs = 5 * 60 * 1'000;

/// A number of failures, and a moment: of a pair when the next may come, of an address when all are
/// forgotten.
struct Failures {
  std::int64_t count = 0;
  std::int64_t moment_ms = 0;
};

Failures read_failures(const std::optional<std::string>& text) {
  Failures failures;
  if (!text) return failures;
  const char* const end = text->data() + text->size();
  const auto count = std::from_chars(text->data(), end, failures.count);
  if (count.ptr != end) std::from_chars(count.ptr + 1, end, failures.moment_ms);
  return failures;
}

std::string as_text(const Failures& failures) {
  return std::to_string(failures.count) + " " + std::to_string(failures.moment_ms);
}

}  // namespace

milliseconds wait_after(std::int64_t failures) {
  if (failures < kFreeFailures) return milliseconds(0);
  std::int64_t wait = kFirstWaitMs;
  for (std::int64_t i = kFreeFailures; i < failures && wait < kLongestWaitMs; ++i) wait *= 2;
  return milliseconds(std::min(wait, kLongestWaitMs));
}

std::int64_t Throttle::now_ms() const {
  return std::chrono::floor<milliseconds>(clock_().time_since_epoch()).count();
}

Throttle::Try Throttle::of(std::string_view kind, std::string_view login, std::string_view address) const {
  const auto hashed = [this](const Sha256& digest) {
    return to_hex(hmac_sha256(secret_, comporta::as_text(digest)));
  };
  return {"tries:" + hashed(sha256_of_pieces({"pair", kind, login, address})),
          "address:" + hashed(sha256_of_pieces({"address", address}))};
}

std::optional<milliseconds> Throttle::admit(const Try& one) {
  std::optional<milliseconds> wait;
  store_.update({one.pair, one.address}, [&](const NoteTexts& texts) -> std::vector<Note> {
    const std::int64_t now = now_ms();
    Failures pair = read_failures(texts[0]);
    Failures address = read_failures(texts[1]);
    if (address.moment_ms <= now) address = {0, now + milliseconds(kAddressWindow).count()};
    std::int64_t until = pair.moment_ms;
    if (address.count >= kFailuresOfAddress) until = std::max(until, address.moment_ms);
    wait.reset();
    if (until > now) {
      wait = milliseconds(until - now);
      return {};
    }
    ++pair.count;
    ++address.count;
    pair.moment_ms = now + wait_after(pair.count).count();
    return {{one.pair, as_text(pair), kPairForgotten},
            {one.address, as_text(address), milliseconds(address.moment_ms - now)}};
  });
  return wait;
}

void Throttle::forgive(const Try& one) {
  store_.update({one.address}, [&](const NoteTexts& texts) -> std::vector<Note> {
    const std::int64_t now = now_ms();
    Failures address = read_failures(texts[0]);
    if (address.count <= 1 || address.moment_ms <= now) return {{one.pair}, {one.address}};
    --address.count;
    return {{one.pair}, {one.address, as_text(address), milliseconds(address.moment_ms - now)}};
  });
}

}  // namespace comporta
