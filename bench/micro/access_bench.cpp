// How long it takes to know who a token is of, and whether a password is right.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/access/gatekeeper.h"
#include "common/access/password.h"

namespace comporta {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

WallClock::time_point bench_clock() {
  return WallClock::time_point(std::chrono::seconds(kNow));
}

std::string token_of(const TokenKey& key, std::size_t number) {
  const Claims claims{.subject = "client/" + std::to_string(number),
                      .session = "J3hGJH7hJHGjhgJHGjhg12",
                      .roles = {"cook"},
                      .id = "019a0000-0000-7000-8000-000000000000",
                      .issued = kNow,
                      .expires = kNow + 600,
                      .not_before = kNow};
  return sign_token(claims, {}, key);
}

void sign(benchmark::State& state) {
  const TokenKey key = new_token_key();
  for (auto _ : state) benchmark::DoNotOptimize(token_of(key, 1));
}
BENCHMARK(sign);

void verify(benchmark::State& state) {
  const TokenKey key = new_token_key();
  const KeyRing ring{{key}};
  const std::string token = token_of(key, 1);
  for (auto _ : state) benchmark::DoNotOptimize(verify_token(token, {}, ring, kNow));
}
BENCHMARK(verify);

/// A gatekeeper that is asked by so many callers, one after the other. It remembers some thousands of them.
void ask_gatekeeper(benchmark::State& state) {
  std::string folder = (std::filesystem::temp_directory_path() / "comporta-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  const TokenKey key = new_token_key();
  std::ofstream(folder + "/keys.json") << whole_key_set({{key}});
  Metrics metrics;
  Gatekeeper keeper({.keys_file = folder + "/keys.json"}, metrics, bench_clock);
  std::vector<HttpRequest> requests(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < requests.size(); ++i)
    requests[i].headers = {{"host", "x"}, {"authorization", "Bearer " + token_of(key, i)}};
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(keeper.caller(requests[next]));
    next = (next + 1) % requests.size();
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(ask_gatekeeper)->Arg(1)->Arg(1'000)->Arg(100'000);

void check_password(benchmark::State& state) {
  const PasswordHasher hasher(std::string(32, 's'));
  const std::string hash = hasher.hash("client/ana", "correct horse battery");
  for (auto _ : state) benchmark::DoNotOptimize(hasher.matches(hash, "correct horse battery"));
}
BENCHMARK(check_password);

void check_nobodys_password(benchmark::State& state) {
  const PasswordHasher hasher(std::string(32, 's'));
  for (auto _ : state) hasher.match_nothing("correct horse battery");
}
BENCHMARK(check_nobodys_password);

}  // namespace
}  // namespace comporta

BENCHMARK_MAIN();
