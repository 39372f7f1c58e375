// What a record costs on its way through a message: writing the part lines, packing and unpacking them,
// reading them, and the commands that Redis gets.

#include <benchmark/benchmark.h>

#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/broker/lz4_frame.h"
#include "common/broker/message.h"
#include "common/kinds/kind.h"
#include "services/cache/apply/part_line.h"
#include "services/cache/redis/commands.h"

namespace comporta {
namespace {

/// Of different people, for whom it matters how well a text compresses.
std::string records(std::int64_t count) {
  constexpr std::array kNames{"Ana Souza",    "José Lima",    "Maria Alves",
                              "Carlos Costa", "João Ribeiro", "Camila Gomes"};
  constexpr std::array kCities{"São Paulo, SP", "Recife, PE", "Curitiba, PR", "Belém, PA", "Natal, RN"};
  std::mt19937 random(7);
  const auto number = [&random](unsigned limit) { return std::to_string(random() % limit); };
  std::string text;
  for (std::int64_t i = 0; i < count; ++i)
    text += (i == 0 ? "" : ",") +
            (R"({"_id":"cliente)" + std::to_string(i) + R"(","isActive":true,"cliente":")" +
             kNames[random() % kNames.size()] + R"(","email":"cliente)" + number(100'000) +
             R"(@example.com","endereco":")" + kCities[random() % kCities.size()] + ", " + number(2'000) +
             R"(","datatrasancao":"2024-03-1)" + number(10) + "T1" + number(10) + R"(:00:00 +00:00"})");
  return text;
}

PartHeader header() {
  PartHeader header;
  header.upload = new_uuid_v7();
  header.received = rfc3339(WallClock::now());
  header.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  return header;
}

std::string line(std::int64_t count) {
  std::string line;
  append_part_line(line, header(), records(count));
  line.pop_back();
  return line;
}

const Kind& transactions() {
  static const KindSet kinds = [] {
    std::vector<std::string> faults;
    KindSet loaded = KindSet::load(COMPORTA_SOURCE_DIR "/kinds", faults);
    if (!faults.empty()) throw std::runtime_error(faults.front());
    return loaded;
  }();
  return *kinds.find("transaction");
}

void write_part_line(benchmark::State& state) {
  const PartHeader with = header();
  const std::string body = records(state.range(0));
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_part_line(out, with, body);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(write_part_line)->Arg(1)->Arg(1'000);

void pack_part_line(benchmark::State& state) {
  const std::string text = line(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(lz4_frame_of(text));
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(pack_part_line)->Arg(1'000);

void unpack_part_line(benchmark::State& state) {
  const std::string text = line(state.range(0));
  const std::string frame = lz4_frame_of(text);
  for (auto _ : state) benchmark::DoNotOptimize(text_of_lz4_frame(frame, text.size()));
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(unpack_part_line)->Arg(1'000);

void read_part_line(benchmark::State& state) {
  PartReader reader(transactions());
  const std::string text = line(state.range(0));
  Group group;
  for (auto _ : state) {
    group.clear();
    group.add_batch("0193b7a0-0000-7000-8000-000000000000");
    if (reader.read(text, group)) state.SkipWithError("not read");
  }
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(read_part_line)->Arg(1)->Arg(1'000);

void encode_sets(benchmark::State& state) {
  const std::string value =
      R"({"cliente":"Cliente fulano","email":"clientefulanoo@example.com","endereco":"Cidade A, Estado A, 1000"})";
  RedisCommands commands;
  for (auto _ : state) {
    commands.clear();
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      commands.command(5)
          .argument("SET")
          .argument("comporta:record:transaction:", "cliente1")
          .argument(value);
      commands.argument("EX").argument(std::size_t{60});
    }
    benchmark::DoNotOptimize(commands.bytes().data());
  }
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(encode_sets)->Arg(1'000);

}  // namespace
}  // namespace comporta

BENCHMARK_MAIN();
