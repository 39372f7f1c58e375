#pragma once
// Requests to the servers of others, many at a time. The only place that knows libcurl. A client belongs to
// one thread; it keeps its connections open between requests.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace comporta {

struct HttpClientSettings {
  std::size_t max_connections = 16;    ///< to one host; further requests wait, and their time runs
  std::filesystem::path ca_file = {};  ///< certificates that are trusted beside the system's; empty: none
};

/// What is asked. Certificates are verified; redirects are not followed, and no proxy is used, whatever the
/// environment says.
struct OutgoingRequest {
  std::string method = "GET";
  std::string url;  ///< http or https, encoded; sent as it stands
  std::map<std::string, std::string> headers = {};
  std::shared_ptr<const std::string> body = {};  ///< of all but GET
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds timeout{15'000};  ///< from the start to the last byte of the answer
  std::size_t max_answer_bytes = std::size_t{64}
                                 << 10;  ///< counted as they arrive; beyond it there is no answer
  /// False: no connection is made but to a public address (address.h). It is looked at when the connection is
  /// made to it, so that no name can lead elsewhere.
  bool to_any_address = false;
};

/// How a request ended.
struct IncomingAnswer {
  std::uint64_t token = 0;
  int status = 0;  ///< 0: there was no answer
  std::string body = {};
  std::string fault = {};         ///< why there was none: of fixed words, which quote nothing
  std::string fault_detail = {};  ///< the same as exactly as it is known; may quote what the server sent
};

class HttpClient {
 public:
  explicit HttpClient(const HttpClientSettings& settings);
  /// Cuts what is in flight.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Does not block, not for names to be resolved either. The answer comes from poll() under `token`.
  void start(std::uint64_t token, const OutgoingRequest& request);
  /// What has ended. Waits at most `limit`, and returns early, perhaps with nothing, when a transfer moves or
  /// `wake_fd` (unless -1) is readable.
  std::vector<IncomingAnswer> poll(int wake_fd, std::chrono::milliseconds limit);
  std::size_t in_flight() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
