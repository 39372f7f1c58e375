// Runs the examples of kinds: `check_kinds <folder of kinds> [<kind>…]`. Redis, of which everything under the
// prefix is removed, is at COMPORTA_TEST_REDIS_PORT. Ends with 1 if an example is not as it says.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/json/rapid.h"
#include "tests/kinds/kind_example.h"
#include "tests/kinds/kind_world.h"

namespace comporta {
namespace {

namespace fs = std::filesystem;
using What = ExampleStep::What;

bool same_json(const std::string& a, const std::string& b) {
  rapidjson::Document one;
  rapidjson::Document other;
  one.Parse(a.c_str(), a.size());
  other.Parse(b.c_str(), b.size());
  return !one.HasParseError() && !other.HasParseError() && one == other;
}

/// Members by name, whatever their order.
std::string sorted_json(const rapidjson::Value& value) {
  std::vector<std::string> pieces;
  if (value.IsArray()) {
    for (const auto& one : value.GetArray()) pieces.push_back(sorted_json(one));
  } else if (value.IsObject()) {
    for (const auto& [name, member] : value.GetObject())
      pieces.push_back(json_string(text_of(name)) + ":" + sorted_json(member));
    std::ranges::sort(pieces);
  } else {
    return json_text(value);
  }
  std::string out;
  for (const std::string& piece : pieces) out += piece + ",";
  return (value.IsArray() ? "[" : "{") + out;
}

/// What is wrong with the answer; empty if it is as it should be.
std::string compare(const ExampleStep& step, const HttpResponse& answer, const std::string& shown) {
  if (answer.status != step.status)
    return "expected status " + std::to_string(step.status) + ", got " + std::to_string(answer.status) + " " +
           answer.body;
  if (step.expected.empty() || same_json(step.expected, shown)) return {};
  return "expected " + step.expected + "\n    got      " + shown;
}

/// The cached record alone, of an answer that has more.
std::string record_of(const std::string& body) {
  const std::string start = ",\"record\":";
  const std::size_t begin = body.find(start) + start.size();
  return body.substr(begin, body.rfind(",\"ttl_seconds\":") - begin);
}

/// Uploads that do not say whose they are, are nobody's.
KindWorld::Asker sender_of(const ExampleStep& step) {
  if (step.principal.empty()) return std::nullopt;
  const std::size_t slash = step.principal.find('/');
  return Caller{
      .kind = step.principal.substr(0, slash), .key = step.principal.substr(slash + 1), .roles = step.roles};
}

/// Questions that do not say so are an admin's.
KindWorld::Asker asker_of(const ExampleStep& step) {
  if (step.principal.empty()) return Caller{.kind = "system", .key = "examples", .roles = {"admin"}};
  return sender_of(step);
}

/// The same, in whatever order.
bool same_reactions(const std::string& a, const std::string& b) {
  const auto sorted = [](const std::string& json) {
    rapidjson::Document list;
    list.Parse(json.c_str(), json.size());
    std::vector<std::string> all;
    for (const auto& one : list.GetArray())
      all.push_back(std::string(text_in(one, "name")) + sorted_json(*member_of(one, "with")));
    std::ranges::sort(all);
    return all;
  };
  return sorted(a) == sorted(b);
}

std::string compare_reactions(const ExampleStep& step, const std::string& shown) {
  if (same_reactions(step.expected, shown)) return {};
  return "expected " + step.expected + "\n    got      " + shown;
}

std::string run_step(const ExampleStep& step, const KindSet& kinds, KindWorld& world) {
  if (step.what == What::kOutcome) return compare(step, HttpResponse{}, world.outcome());
  if (step.what == What::kReactions) return compare_reactions(step, world.reactions());
  const Kind* kind = kinds.find(step.kind);
  if (kind == nullptr) return "there is no kind " + step.kind;
  if (step.what == What::kUpload) return world.upload(*kind, step.records, sender_of(step), step.at);
  if (step.what == What::kDelete) return world.remove(*kind, step.name, sender_of(step), step.at);
  if (step.what == What::kQuery) {
    const HttpResponse answer =
        world.get("/api/v1/views/" + step.kind + "/" + step.name, step.parameters, asker_of(step), step.at);
    return compare(step, answer, answer.body);
  }
  const HttpResponse answer = world.get("/api/v1/records/" + step.kind + "/" + percent_encode(step.name), {},
                                        asker_of(step), step.at);
  return compare(step, answer, answer.status == 200 ? record_of(answer.body) : "");
}

/// Variables that are set as long as it lives.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& variables) : variables_(variables) {
    for (const auto& [name, value] : variables_) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : variables_) unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const std::map<std::string, std::string>& variables_;
};

/// The kinds as they are where an example plays; without faults, for they have none where it does not.
KindSet kinds_in(const fs::path& folder, const std::map<std::string, std::string>& variables) {
  const Environment environment(variables);
  std::vector<std::string> faults;
  KindSet kinds = KindSet::load(folder, faults);
  if (!faults.empty()) throw PermanentError(faults.front());
  return kinds;
}

/// Empty if all is as the example says.
std::string run_example(const fs::path& file, const KindSet& usual, const RedisStoreSettings& settings) {
  const auto read = read_example(file);
  if (const auto* fault = std::get_if<std::string>(&read)) return *fault;
  const auto& example = std::get<KindExample>(read);
  const fs::path folder = file.parent_path().parent_path().parent_path();
  const KindSet kinds = example.environment.empty() ? usual : kinds_in(folder, example.environment);
  KindWorld world(kinds, settings);
  for (const ExampleStep& step : example.steps)
    if (const std::string fault = run_step(step, kinds, world); !fault.empty())
      return file.string() + ":" + std::to_string(step.line) + ": " + fault;
  return {};
}

void remove_keys(const RedisStoreSettings& settings) {
  RedisConnection connection(settings.server);
  RedisCommands commands;
  connection.send(commands.command(2).argument("KEYS").argument(settings.prefix, ":*"));
  const RedisReply keys = connection.receive();
  commands.clear();
  for (std::size_t i = 0; i < keys.size(); ++i) commands.command(2).argument("DEL").argument(keys[i].text());
  connection.send(commands);
  connection.skip(commands.count());
}

std::vector<fs::path> examples_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "examples", none))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// How many examples were not as they say.
int run_kind(const std::string& name, const fs::path& folder, const KindSet& kinds) {
  const char* port = std::getenv("COMPORTA_TEST_REDIS_PORT");
  if (port == nullptr) throw TransientError("COMPORTA_TEST_REDIS_PORT is not set");
  RedisStoreSettings settings;
  settings.server.port = static_cast<std::uint16_t>(std::atoi(port));
  settings.server.timeout = std::chrono::seconds(10);  // the machine may be busy
  settings.prefix = "examples";
  int failures = 0;
  for (const fs::path& file : examples_of(folder)) {
    remove_keys(settings);
    const std::string fault = run_example(file, kinds, settings);
    std::cout << (fault.empty() ? "ok    " : "FAIL  ") << name << "/" << file.filename().string() << "\n";
    if (!fault.empty()) std::cout << "  " << fault << "\n";
    failures += fault.empty() ? 0 : 1;
  }
  remove_keys(settings);
  return failures;
}

int run(const fs::path& folder, std::vector<std::string> names) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(folder, faults);
  for (const std::string& fault : faults) std::cout << fault << "\n";
  if (!faults.empty()) return 1;
  if (names.empty())
    for (const auto& [name, kind] : kinds.all()) names.push_back(name);
  int failures = 0;
  for (const std::string& name : names) {
    if (kinds.find(name) == nullptr) throw PermanentError("there is no kind " + name);
    failures += run_kind(name, folder / name, kinds);
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace comporta

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc < 2) {
    std::cerr << "usage: check_kinds <folder of kinds> [<kind>...]\n";
    return 2;
  }
  try {
    return comporta::run(argv[1], {argv + 2, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "check_kinds: " << error.what() << "\n";
    return 1;
  }
}
