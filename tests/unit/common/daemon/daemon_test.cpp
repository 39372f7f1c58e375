#include "common/daemon/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "common/base/error.h"
#include "tests/support/http_client.h"

namespace comporta {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using namespace std::chrono_literals;

struct Ended {
  int exit_code;
  std::string out;
  std::string err;
};

// Runs a small daemon in this process, with a configuration of its own.
class DaemonTest : public testing::Test {
 protected:
  DaemonTest() {
    std::string name = (std::filesystem::temp_directory_path() / "comporta-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    write("");
  }
  ~DaemonTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& more) const {
    std::ofstream(folder_ / "a.yaml") << "kinds: " COMPORTA_SOURCE_DIR "/kinds\n"
                                      << "operations: {port: 0}\nlog: {format: text}\n"
                                      << "broker: {password: hush}\n"
                                      << more;
  }

  Ended run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"storage", "--config", (folder_ / "a.yaml").string()});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int exit_code = run_program(static_cast<int>(argv.size()), argv.data(), program());
    return {exit_code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  }

  std::function<void(Process&)> serve_ = [](Process&) {};
  std::filesystem::path folder_;
  HttpServer server_{{}, echo()};

 private:
  Program program() const {
    const auto read = [this](const Section& root, const CommonSettings&) {
      root.section("broker").secret("password", "guest");
      return serve_;
    };
    return {.name = "storage", .summary = "A test.", .private_port = 1, .read = read};
  }
};

TEST_F(DaemonTest, ChecksAndPrintsItsConfiguration) {
  const Ended ended = run({"--check"});
  EXPECT_EQ(ended.exit_code, kExitOk) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("operations:\n  address: \"127.0.0.1\"\n  port: 0\n"));
  EXPECT_THAT(ended.out, HasSubstr("password: \"***\"\n"));
  EXPECT_THAT(ended.out, EndsWith("\nconfiguration is good\n"));
}

TEST_F(DaemonTest, TellsFaultsOfFileAndKindsTogether) {
  std::filesystem::create_directories(folder_ / "kinds/broken");
  std::ofstream(folder_ / "kinds/broken/kind.yaml") << "[";
  write("brokr: 1\n");
  for (const bool check : {true, false}) {
    std::vector<std::string> arguments = {"--kinds", (folder_ / "kinds").string()};
    if (check) arguments.push_back("--check");
    const Ended ended = run(arguments);
    EXPECT_EQ(ended.exit_code, kExitConfig);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr("a.yaml:5: brokr: unknown key (did you mean `broker`?)\n"));
    EXPECT_THAT(ended.err, HasSubstr("kinds/broken"));
  }
}

TEST_F(DaemonTest, TicksUntilItIsToldToStop) {
  for (const int signal : {SIGTERM, SIGINT}) {
    int ticks = 0;
    serve_ = [&](Process& process) {
      process.run_until_stopped(server_, [&] {
        if (++ticks == 2) raise(signal);
      });
      log_info("drained");
    };
    const Ended ended = run({});
    EXPECT_EQ(ended.exit_code, kExitOk);
    EXPECT_EQ(ticks, 2);
    EXPECT_THAT(ended.err,
                HasSubstr(signal == SIGTERM ? "stopping signal=SIGTERM" : "stopping signal=SIGINT"));
    EXPECT_THAT(ended.err, HasSubstr("drained\n"));
  }
}

TEST_F(DaemonTest, TakesLeaveOfThoseWhoSendRequestsUntilItIsToldAgain) {
  int ticks = 0;
  std::string before;
  std::string after;
  HttpServer server({.leave_time = 10min}, echo());
  Client client(server.port());
  serve_ = [&](Process& process) {
    process.run_until_stopped(server, [&] {
      client.say(get("/x"));
      (++ticks < 3 ? before : after) = client.hear();
      if (ticks == 2 || ticks == 3) raise(SIGTERM);
    });
  };
  EXPECT_EQ(run({}).exit_code, kExitOk);
  EXPECT_EQ(ticks, 3);
  EXPECT_TRUE(before.ends_with("GET /x "));
  EXPECT_THAT(before, testing::Not(HasSubstr("Connection: close")));
  EXPECT_TRUE(after.ends_with("GET /x ")) << "and not refused";
  EXPECT_THAT(after, HasSubstr("Connection: close"));
  EXPECT_TRUE(client.ended());
}

TEST_F(DaemonTest, EndsWithTheCodeOfWhatWentWrong) {
  serve_ = [](Process&) { throw TransientError("port 1 is taken"); };
  const Ended taken = run({});
  EXPECT_EQ(taken.exit_code, kExitUnavailable);
  EXPECT_THAT(taken.err, HasSubstr("error storage: cannot serve reason=\"port 1 is taken\"\n"));

  serve_ = [&](Process& process) {
    process.run_until_stopped(server_, [] { throw std::logic_error("a\nb"); });
  };
  const Ended broken = run({});
  EXPECT_EQ(broken.exit_code, kExitSoftware);
  EXPECT_THAT(broken.err, HasSubstr("error storage: ended by a fault of the program reason=\"a\\nb\"\n"));
}

TEST_F(DaemonTest, AsksForItsHealth) {
  const HttpHandler handler = [](HttpRequest request, Responder responder) {
    responder.send({.status = request.path == "/readyz" ? 503 : 200, .body = "waiting for rain\n"});
  };
  const HttpServer server({}, handler);
  std::ofstream(folder_ / "a.yaml") << "operations: {port: " << server.port() << "}\nunknown: 1\n";
  const Ended unready = run({"--health"});
  EXPECT_EQ(unready.exit_code, kExitFailure);
  EXPECT_EQ(unready.err, "not ready: waiting for rain\n");

  std::ofstream(folder_ / "a.yaml") << "operations: {port: none}\n";
  EXPECT_EQ(run({"--health"}).exit_code, kExitConfig);
}

}  // namespace
}  // namespace comporta
