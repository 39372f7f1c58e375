// What a record costs Redis and the cache, in microseconds of CPU: transactions as plain keys, and with the
// views of their kind. `bench_redis_cpu <port> [<parts> [<load>]]`: of a Redis whose keys under the prefix
// `bench` may be removed; only of the load of that name.

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iomanip>
#include <iostream>
#include <vector>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/broker/message.h"
#include "services/cache/apply/part_line.h"
#include "services/cache/redis/store.h"

namespace comporta {
namespace {

constexpr int kRounds = 5;  // the median counts
constexpr std::size_t kParts = 20;

struct Load {
  std::string name;
  bool views;
  std::function<std::string(std::size_t number, std::size_t round)> address;
  std::function<std::string(std::size_t round)> client;
  bool fresh;  ///< every record has a key of its own
};

class Bench {
 public:
  Bench(std::uint16_t port, std::size_t parts) : parts_(parts) {
    std::vector<std::string> faults;
    KindSet kinds = KindSet::load(COMPORTA_SOURCE_DIR "/kinds", faults);
    if (!faults.empty()) throw std::runtime_error(faults.front());
    settings_.server.port = port;
    settings_.server.timeout = std::chrono::seconds(10);
    settings_.prefix = "bench";
    viewed_ = *kinds.find("transaction");
    plain_ = viewed_;
    plain_.views_lua.clear();
    plain_.family = "plain";
    store_.emplace(settings_, make_view_libraries(kinds, settings_.prefix));
  }

  struct Cost {
    double redis;
    double cache;  ///< of this process, which does what the cache daemon does
  };

  /// Microseconds a record.
  Cost run(const Load& load) {
    std::vector<double> redis, cache;
    for (std::size_t round = 0; round < kRounds; ++round) {
      remove_keys();
      if (!load.fresh) store_->apply(group(load, 0));
      const Group measured = group(load, round + 1);
      const auto records = static_cast<double>(measured.records.size());
      const double before = cpu_seconds(), own_before = own_cpu_seconds();
      store_->apply(measured);
      cache.push_back((own_cpu_seconds() - own_before) * 1e6 / records);
      redis.push_back((cpu_seconds() - before) * 1e6 / records);
    }
    return {median(redis), median(cache)};
  }

 private:
  Group group(const Load& load, std::size_t round) const {
    const Kind& kind = load.views ? viewed_ : plain_;
    PartReader reader(kind);
    Group group;
    for (std::size_t part = 0; part < parts_; ++part) {
      group.add_batch(new_uuid_v7());
      const std::string line = part_line(load, part, round);
      if (const auto fault = reader.read(line, group)) throw std::runtime_error(*fault);
    }
    return group;
  }

  static std::string part_line(const Load& load, std::size_t part, std::size_t round) {
    std::string records;
    for (std::size_t i = part * kMaxPartRecords; i < (part + 1) * kMaxPartRecords; ++i)
      records += (records.empty() ? "" : ",") +
                 (R"({"_id":"cliente)" + std::to_string(i) + R"(","isActive":true,"cliente":")" +
                  load.client(round) + R"(","email":"clientefulanoo@example.com","endereco":")" +
                  load.address(i, round) + R"(","datatrasancao":"2024-03-11T12:00:00 +00:00"})");
    std::string line;
    PartHeader header;
    header.upload = new_uuid_v7();
    header.received = rfc3339(WallClock::now());
    append_part_line(line, header, records);
    line.pop_back();
    return line;
  }

  RedisReply ask(std::initializer_list<std::string_view> words) {
    if (!connection_) connection_.emplace(settings_.server);
    RedisCommands command;
    command.command(words.size());
    for (const std::string_view word : words) command.argument(word);
    connection_->send(command);
    return connection_->receive();
  }

  void remove_keys() {
    const RedisReply keys = ask({"KEYS", "bench:*"});
    RedisCommands remove;
    for (std::size_t i = 0; i < keys.size(); ++i) remove.command(2).argument("DEL").argument(keys[i].text());
    connection_->send(remove);
    connection_->skip(keys.size());
  }

  static double median(std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  static double own_cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

  double cpu_seconds() {
    const RedisReply info = ask({"INFO", "cpu"});
    const auto value = [text = std::string(info.text())](std::string_view name) {
      return std::atof(text.c_str() + text.find(name) + name.size() + 1);
    };
    return value("used_cpu_user_main_thread") + value("used_cpu_sys_main_thread");
  }

  std::size_t parts_;
  RedisStoreSettings settings_;
  Kind viewed_;
  Kind plain_;
  std::optional<RedisStore> store_;
  std::optional<RedisConnection> connection_;
};

std::vector<Load> loads() {
  const auto home = [](std::size_t number, std::size_t) {
    return "Cidade A, Estado A, " + std::to_string(number % 1'000);
  };
  const auto moving = [](std::size_t number, std::size_t round) {
    return "Cidade " + std::to_string(round) + ", Estado A, " + std::to_string(number % 1'000);
  };
  const auto same = [](std::size_t) { return std::string("Cliente fulano"); };
  const auto renamed = [](std::size_t round) { return "Cliente " + std::to_string(round); };
  return {{"plain, new clients", false, home, same, true},
          {"plain, the same again", false, home, same, false},
          {"views, new clients", true, home, same, true},
          {"views, the same again", true, home, same, false},
          {"views, other fields changed", true, home, renamed, false},
          {"views, all flagged", true, moving, same, false}};
}

void run(std::uint16_t port, std::size_t parts, std::string_view only) {
  Bench bench(port, parts);
  double plain = 0;
  for (const Load& load : loads()) {
    if (!only.empty() && load.name != only) continue;
    const auto [redis, cache] = bench.run(load);
    if (!load.views) plain = redis;
    std::cout << std::left << std::setw(30) << load.name << std::fixed << std::setprecision(2) << redis
              << " us a record of Redis, " << cache << " of the cache";
    if (load.views && plain > 0) std::cout << "; Redis " << redis / plain << " of plain";
    std::cout << "\n";
  }
}

}  // namespace
}  // namespace comporta

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw std::runtime_error("usage: bench_redis_cpu <port> [<parts> [<load>]]");
    comporta::run(static_cast<std::uint16_t>(std::atoi(argv[1])),
                  argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : comporta::kParts,
                  argc > 3 ? argv[3] : "");
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
