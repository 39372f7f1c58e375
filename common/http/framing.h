#pragma once
// HTTP/1.1 requests out of bytes, responses into bytes (RFC 9112). Pure: no sockets, no clock.
//
// Strict where being lenient would let two readers of the same bytes disagree (request smuggling): no bare
// LF, no folded lines, no Transfer-Encoding (the proxy in front sends Content-Length), one Content-Length.

#include <cstddef>
#include <string>
#include <string_view>

#include "common/http/server.h"

namespace comporta {

/// Why the bytes are no request we take. The connection cannot be used any further.
struct HttpRefusal {
  int status;
  std::string detail;
};

/// One connection's requests, one at a time.
class HttpFramer {
 public:
  HttpFramer(std::size_t max_header_bytes, std::size_t max_body_bytes)
      : max_header_bytes_(max_header_bytes), max_body_bytes_(max_body_bytes) {}

  enum class Step {
    kNeedMore,  ///< all of `input` was taken
    kBody,      ///< the header block is complete and says that a body follows: body_bytes()
    kRequest,   ///< complete: take(). The rest of `input` belongs to the next request
    kRefused,   ///< refusal()
  };

  /// Takes bytes from the front of `input`, up to the next event.
  Step feed(std::string_view& input);

  /// The complete request; the framer then starts on the next one.
  HttpRequest take();

  const HttpRefusal& refusal() const { return refusal_; }
  std::size_t body_bytes() const { return body_bytes_; }
  /// What the request holds, its whole body from the begin on.
  std::size_t held_bytes() const { return head_.size() + head_bytes_ + body_bytes_; }
  /// True when the client waits for `100 Continue` before it sends the body.
  bool expects_continue() const { return expects_continue_; }
  /// Whether the connection stays open after the answer, as far as the client is concerned.
  bool keep_alive() const { return keep_alive_; }
  /// True between requests: not one byte of the next has come.
  bool idle() const { return state_ == State::kHead && head_.empty(); }

 private:
  enum class State { kHead, kBody, kDone, kRefused };

  Step refuse(int status, std::string detail);
  Step feed_head(std::string_view& input);
  Step feed_body(std::string_view& input);
  bool parse_head();
  bool parse_request_line(std::string_view line);
  bool parse_header_line(std::string_view line);
  bool parse_content_length(std::string_view value);
  bool parse_semantics();

  std::size_t max_header_bytes_;
  std::size_t max_body_bytes_;
  State state_ = State::kHead;
  std::string head_;
  HttpRequest request_;
  HttpRefusal refusal_{};
  std::size_t head_bytes_ = 0;  ///< of the header block that has been read
  std::size_t body_bytes_ = 0;
  bool http_1_0_ = false;
  bool has_content_length_ = false;
  bool expects_continue_ = false;
  bool keep_alive_ = true;
};

/// The response as bytes. `with_body` is false for HEAD: the length is said, the body left out.
std::string render_response(const HttpResponse& response, bool keep_alive, bool with_body);

/// `404` -> `Not Found`.
std::string_view reason_phrase(int status);

}  // namespace comporta
