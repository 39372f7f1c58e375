// How long it takes to sign one PUT of an object.

#include <benchmark/benchmark.h>

#include "common/base/digest.h"
#include "services/storage/sigv4.h"

namespace comporta {
namespace {

void sign_put(benchmark::State& state) {
  const S3Credentials credentials{"access", "secret", "us-east-1"};
  const std::string hash = to_hex(sha256("body"));
  const auto now = WallClock::now();
  for (auto _ : state) {
    SignedRequest request{
        .method = "PUT",
        .path = "/comporta/transaction/2026/11/22/0193b7a0-0000-7000-8000-000000000000.ndjson",
        .headers = {{"host", "127.0.0.1:9000"}, {"content-type", "application/x-ndjson"}},
        .payload_sha256 = hash};
    sign(request, credentials, now);
    benchmark::DoNotOptimize(request);
  }
}
BENCHMARK(sign_put);

/// The body's own hash, which the signature covers.
void hash_body(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sha256(body));
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(hash_body)->Arg(1'000)->Arg(1'000'000);

}  // namespace
}  // namespace comporta

BENCHMARK_MAIN();
