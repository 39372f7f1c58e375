#pragma once
// Signed requests to one bucket of an S3 service, path style.
// A client belongs to one thread; it keeps its connections open between requests.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/storage/sigv4.h"

namespace comporta {

struct S3Settings {
  std::string endpoint = "http://127.0.0.1:9000";  ///< scheme, host and perhaps port; no path
  std::string bucket = "comporta";
  S3Credentials credentials;
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds request_timeout{15'000};  ///< the whole of a request
};

struct S3Request {
  std::string method;
  std::string object = {};  ///< empty: the bucket itself
  std::map<std::string, std::string> query = {};
  std::map<std::string, std::string> headers = {};  ///< lower-case names
  std::shared_ptr<const std::string> body = {};     ///< null: none
  std::string body_sha256 = {};                     ///< hexadecimal; of the body, if there is one
};

/// How a request ended.
struct S3Response {
  std::uint64_t token = 0;
  S3Request request;  ///< as it was started
  int status = 0;     ///< of the answer; 0: there was none
  std::string body;
  std::string transport_fault;  ///< why there was no answer

  /// S3's name for the error in the body, such as `NoSuchKey`; may be empty.
  std::string error_code() const;
  /// One line that says what was asked and what went wrong; never a secret.
  std::string fault() const;
};

class S3Client {
 public:
  S3Client(const S3Settings& settings, std::size_t max_connections);
  /// Cuts what is in flight.
  ~S3Client();
  S3Client(const S3Client&) = delete;
  S3Client& operator=(const S3Client&) = delete;

  /// Signs and starts a request. Does not block. Its response comes from poll() under `token`, which no other
  /// request in flight has.
  void start(std::uint64_t token, S3Request request);
  /// What has ended. Waits at most `limit`, and returns early, perhaps with nothing, when a transfer moves
  /// or `wake_fd` (unless -1) is readable.
  std::vector<S3Response> poll(int wake_fd, std::chrono::milliseconds limit);
  /// The one request, to its end. For a client with nothing in flight. Blocks up to the request's time-out.
  S3Response send(S3Request request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comporta
