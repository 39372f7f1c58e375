// What the broker and the object store give at most, used as the daemons use them and with nothing else to
// do.
//   bench_raw broker <port> <user> <password> <bytes> <window> <seconds> <pause, ms>
//   bench_raw store  <endpoint> <bucket> <access key> <secret key> <bytes> <window> <seconds>
// Persistent messages to the two quorum queues, confirmed; objects, answered. `window`: how many are under
// way at a time; `pause`: between a confirm and the next message. Prints one JSON object: how many in a
// second, and for the broker how long one took.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/digest.h"
#include "common/base/uuid.h"
#include "common/broker/connection.h"
#include "common/broker/message.h"
#include "services/storage/s3_store.h"

namespace comporta {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kPrefix = "raw";

struct Plan {
  std::size_t bytes;
  std::size_t window;
  std::chrono::seconds time;
  milliseconds pause{0};
};

Plan read_plan(char** words) {
  return {std::strtoul(words[0], nullptr, 10), std::strtoul(words[1], nullptr, 10),
          std::chrono::seconds(std::atoi(words[2]))};
}

void print_rate(std::size_t count, Clock::duration time, double median_ms) {
  std::cout << "{\"per_second\":" << static_cast<double>(count) / std::chrono::duration<double>(time).count()
            << ",\"median_ms\":" << median_ms << "}\n";
}

double median_ms(std::vector<double>& times) {
  if (times.empty()) return 0;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// Publishes and waits for confirms.
class BrokerLoad {
 public:
  BrokerLoad(AmqpConnection& connection, std::string exchange, const Plan& plan)
      : connection_(connection), plan_(plan), body_(plan.bytes, 'x') {
    publication_.exchange = std::move(exchange);
    publication_.message_id = new_uuid_v7();
    publication_.body = body_;
  }

  void run() {
    const auto begin = Clock::now();
    while (Clock::now() < begin + plan_.time) {
      while (under_way_.size() < plan_.window) {
        connection_.publish(publication_);
        under_way_.push_back(Clock::now());
      }
      wait_for_some();
      if (plan_.pause.count() > 0) std::this_thread::sleep_for(plan_.pause);
    }
    const auto time = Clock::now() - begin;
    const std::size_t count = times_.size();
    while (!under_way_.empty()) wait_for_some();
    print_rate(count, time, median_ms(times_));
  }

 private:
  void wait_for_some() {
    connection_.wait(-1, std::chrono::seconds(1));
    while (const auto event = connection_.next())
      if (const auto* confirm = std::get_if<Confirm>(&*event)) take(*confirm);
  }

  void take(const Confirm& confirm) {
    if (!confirm.accepted) throw std::runtime_error("the broker refused a message");
    while (!under_way_.empty() && landed_ < confirm.tag) {
      times_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - under_way_.front()).count());
      under_way_.pop_front();
      ++landed_;
    }
  }

  AmqpConnection& connection_;
  Plan plan_;
  std::string body_;
  Publication publication_;
  std::deque<Clock::time_point> under_way_;
  std::uint64_t landed_ = 0;  ///< the tag up to which all is confirmed; the broker goes by their order
  std::vector<double> times_;
};

void load_broker(char** words) {
  BrokerSettings settings;
  settings.port = static_cast<std::uint16_t>(std::atoi(words[0]));
  settings.user = words[1];
  settings.password = words[2];
  settings.prefix = kPrefix;
  AmqpConnection connection(settings, "bench_raw");
  connection.enable_confirms();
  Plan plan = read_plan(words + 3);
  plan.pause = milliseconds(std::atoi(words[6]));
  BrokerLoad(connection, Topology(settings.prefix).records_exchange, plan).run();
}

std::shared_ptr<const NewObject> new_object(std::size_t bytes) {
  NewObject object;
  object.name = *object_name("raw", new_uuid_v7());
  object.body.assign(bytes, 'x');
  object.sha256 = to_hex(sha256(object.body));
  object.parts = 1;
  return std::make_shared<const NewObject>(std::move(object));
}

std::size_t take_results(S3Writer& writer) {
  const auto results = writer.poll(-1, milliseconds(100));
  for (const StoreResult& result : results)
    if (result.fault) throw std::runtime_error(*result.fault);
  return results.size();
}

void load_store(char** words) {
  S3Settings settings;
  settings.endpoint = words[0];
  settings.bucket = words[1];
  settings.credentials.region = "us-east-1";
  settings.credentials.access_key = words[2];
  settings.credentials.secret_key = words[3];
  const Plan plan = read_plan(words + 4);
  S3Writer writer(settings, plan.window);
  writer.start_prepare(0);
  while (take_results(writer) == 0) continue;
  std::size_t started = 0;
  std::size_t done = 0;
  const auto begin = Clock::now();
  while (Clock::now() < begin + plan.time) {
    for (; started < done + plan.window; ++started) writer.start_put(started + 1, new_object(plan.bytes));
    done += take_results(writer);
  }
  const auto time = Clock::now() - begin;
  const std::size_t counted = done;
  while (done < started) done += take_results(writer);
  print_rate(counted, time, 0);
}

}  // namespace
}  // namespace comporta

int main(int argc, char** argv) {
  try {
    const std::string_view part = argc > 1 ? argv[1] : "";
    if (part == "broker" && argc == 9) {
      comporta::load_broker(argv + 2);
    } else if (part == "store" && argc == 9) {
      comporta::load_store(argv + 2);
    } else {
      throw std::runtime_error("usage: see the head of bench/raw/raw_limits.cpp");
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
