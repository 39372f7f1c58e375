#pragma once
// An HTTP/1.1 server for short requests behind a proxy. The only place that knows Pistache, of which it
// uses the listener, the event loop and the connections; requests are framed by framing.h, and
// every answer is written by the worker thread that owns the connection (docs/ARCHITECTURE.md, "HTTP").
//
// Threads: one acceptor and `threads` workers. The handler runs on a worker and must not block. It may
// keep the Responder and answer from any thread, once.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace comporta {

class Section;

struct HttpSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  int threads = 1;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 64 * 1024;
  int max_connections = 4096;  ///< beyond it those are closed that have been awaited longest
  std::size_t max_buffered_bytes = std::size_t{256} << 20;  ///< requests and answers together; beyond it 503
  std::chrono::milliseconds header_timeout{10'000};         ///< first to last byte of the header block
  std::chrono::milliseconds body_timeout{60'000};           ///< first to last byte of the body
  std::chrono::milliseconds write_timeout{
      30'000};  ///< first to last byte of an answer; then the reader is cut off
  std::chrono::milliseconds idle_timeout{75'000};    ///< between requests; longer than the proxy's own
  std::chrono::milliseconds answer_timeout{10'000};  ///< a request unanswered for so long gets 503
  std::chrono::milliseconds leave_time{0};           ///< between close_after_answers() and drain()
};

struct HttpRequest {
  std::string method;
  std::string path;                                          ///< as sent, without the query
  std::string query;                                         ///< as sent, without the question mark
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;

  /// GET, or HEAD, which is answered as GET is: the server leaves the body out.
  bool is_read() const { return method == "GET" || method == "HEAD"; }
  /// The value of the first header of that (lower-case) name; empty if there is none.
  std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

namespace http_detail {
class Exchange;
}

/// The right to answer one request. Moved, not copied. Destroyed unanswered, it answers 500.
class Responder {
 public:
  explicit Responder(std::shared_ptr<http_detail::Exchange> exchange);
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();

  /// Any thread, at most once. Sends nothing if the client has left or the answer time has passed.
  void send(HttpResponse response);
  /// True once an answer is of no use any more. Any thread.
  bool expired() const;
  /// `told` is called once, with the status that the request is answered with, by whoever answers it: also by
  /// the server, when the time is over (503), or the client has left before (kClientLeft). To be set before
  /// the Responder goes to another thread; must not block. Of several each is told, in their order.
  void when_answered(std::function<void(int status)> told);

 private:
  std::shared_ptr<http_detail::Exchange> exchange_;
};

/// In the place of a status, of a request whose client left before its answer.
inline constexpr int kClientLeft = 499;

using HttpHandler = std::function<void(HttpRequest, Responder)>;

class HttpServer {
 public:
  /// Listens at once. Throws TransientError when the port is taken, naming it.
  HttpServer(const HttpSettings& settings, HttpHandler handler);
  /// Cuts every connection. drain() first to be polite.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  /// Requests handed to the handler and not yet answered.
  std::size_t pending() const;
  std::chrono::milliseconds leave_time() const;
  /// From now on every answer closes its connection: whoever sent the request goes elsewhere with the next
  /// one. Requests are taken as before.
  void close_after_answers();
  /// From now on every new request gets 503 and every answer closes its connection; waits until all
  /// pending requests are answered and written, or the time is over. True if all were. Then, for 3 s at most,
  /// until every client has taken its last answer: a request whose last byte came before this call is
  /// answered, one that is still coming is refused.
  bool drain(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads `address`, `port`, `threads`, `max_connections`, `max_buffered` and the time-outs, by their names
/// above. `max_body_bytes` is the caller's business. Defined in settings.cpp.
HttpSettings read_http_settings(const Section& section, std::uint16_t default_port);

}  // namespace comporta
