#pragma once
// tests/system/provider.py in a process of its own: an HTTPS server with a certificate of a test's authority.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_folder.h"

namespace comporta::test {

class ProviderProcess {
 public:
  ProviderProcess() {
    if (::pipe2(input_.data(), O_CLOEXEC) != 0 || ::pipe2(output_.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe for a provider");
    start();
    ::close(input_[0]);
    ::close(output_[1]);
    std::array<char, 512> line{};
    std::FILE* const said = ::fdopen(output_[0], "r");
    const bool has_said = std::fgets(line.data(), line.size(), said) != nullptr;
    std::fclose(said);
    if (!has_said) throw std::runtime_error("the provider has not started");
    port_ = std::string(line.data(), std::string(line.data()).find(' '));
  }
  /// It ends with its input.
  ~ProviderProcess() {
    ::close(input_[1]);
    ::waitpid(process_, nullptr, 0);
  }
  ProviderProcess(const ProviderProcess&) = delete;
  ProviderProcess& operator=(const ProviderProcess&) = delete;

  std::string url(const std::string& path, const std::string& host = "localhost") const {
    return "https://" + host + ":" + port_ + path;
  }
  std::filesystem::path authority() const { return folder_.path() / "authority.pem"; }

 private:
  void start() {
    const std::string folder = folder_.path().string();
    const std::string script = std::string(COMPORTA_SOURCE_DIR) + "/tests/system/provider.py";
    const char* const arguments[] = {"/usr/bin/python3", script.c_str(), folder.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input_[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output_[1], STDOUT_FILENO);
    const int failed = ::posix_spawn(&process_, arguments[0], &actions, nullptr,
                                     const_cast<char* const*>(arguments), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("no process for a provider");
  }

  const TemporaryFolder folder_;
  std::array<int, 2> input_{};
  std::array<int, 2> output_{};
  pid_t process_ = 0;
  std::string port_;
};

}  // namespace comporta::test
