#include "common/http/framing.h"

#include <algorithm>
#include <charconv>

#include "common/base/error.h"
#include "common/base/text.h"

namespace comporta {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";
/// A body grows as it comes, whatever length the client claims.
constexpr std::size_t kFirstBodyReserve = 64 * 1024;

bool is_token_char(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kOthers.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_visible(char c) {
  return c > ' ' && c != '\x7f';
}

bool is_field_char(char c) {
  return c == '\t' || c == ' ' || is_visible(c) || (c & '\x80') != 0;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Whether a comma-separated header value names `option`.
bool names_option(std::string_view value, std::string_view option) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    if (iequals(trim(value.substr(0, comma)), option)) return true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return false;
}

}  // namespace

HttpFramer::Step HttpFramer::refuse(int status, std::string detail) {
  state_ = State::kRefused;
  refusal_ = {status, std::move(detail)};
  return Step::kRefused;
}

HttpFramer::Step HttpFramer::feed(std::string_view& input) {
  switch (state_) {
    case State::kHead:
      return feed_head(input);
    case State::kBody:
      return feed_body(input);
    case State::kDone:
      return Step::kRequest;
    case State::kRefused:
      break;
  }
  return Step::kRefused;
}

HttpFramer::Step HttpFramer::feed_head(std::string_view& input) {
  if (head_ == "\r" && input.starts_with('\n')) {  // an empty line that began in the piece before
    head_.clear();
    input.remove_prefix(1);
  }
  if (head_.empty()) {  // RFC 9112 2.2: empty lines before a request line are skipped
    while (input.starts_with("\r\n")) input.remove_prefix(2);
  }
  const std::size_t before = head_.size();
  head_.append(input.substr(0, max_header_bytes_ + 1 - std::min(before, max_header_bytes_)));
  const std::size_t from = before < kEndOfHead.size() ? 0 : before - kEndOfHead.size() + 1;
  const std::size_t end = head_.find(kEndOfHead, from);
  if (end == std::string::npos) {
    if (head_.size() > max_header_bytes_) {
      return refuse(431, "the header block is larger than " + std::to_string(max_header_bytes_) + " bytes");
    }
    input = {};
    return Step::kNeedMore;
  }
  input.remove_prefix(end + kEndOfHead.size() - before);
  head_.resize(end + 2);  // each line keeps its line break
  if (!parse_head()) return Step::kRefused;
  head_bytes_ = head_.size();
  head_ = {};
  if (body_bytes_ == 0) {
    state_ = State::kDone;
    return Step::kRequest;
  }
  state_ = State::kBody;
  request_.body.reserve(std::min(body_bytes_, kFirstBodyReserve));
  return Step::kBody;
}

HttpFramer::Step HttpFramer::feed_body(std::string_view& input) {
  const std::size_t taken = std::min(input.size(), body_bytes_ - request_.body.size());
  request_.body.append(input.substr(0, taken));
  input.remove_prefix(taken);
  if (request_.body.size() < body_bytes_) return Step::kNeedMore;
  state_ = State::kDone;
  return Step::kRequest;
}

HttpRequest HttpFramer::take() {
  check(state_ == State::kDone, "a request is taken when it is complete");
  HttpRequest request = std::move(request_);
  *this = HttpFramer(max_header_bytes_, max_body_bytes_);
  return request;
}

bool HttpFramer::parse_head() {
  std::string_view rest = head_;
  bool first = true;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (first ? !parse_request_line(line) : !parse_header_line(line)) return false;
    first = false;
  }
  return parse_semantics();
}

bool HttpFramer::parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    refuse(400, "the request line is not `METHOD TARGET HTTP/1.1`");
    return false;
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!version.starts_with("HTTP/")) {
    refuse(400, "the request line does not end with an HTTP version");
    return false;
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    return false;
  }
  if (!is_token(method) || !target.starts_with('/') || !std::ranges::all_of(target, is_visible)) {
    refuse(400, "the method or the target of the request is malformed");
    return false;
  }
  http_1_0_ = version == "HTTP/1.0";
  const std::size_t question = std::min(target.find('?'), target.size());
  request_.method = method;
  request_.path = target.substr(0, question);
  request_.query = target.substr(std::min(question + 1, target.size()));
  return true;
}

bool HttpFramer::parse_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    refuse(400, "a header line is malformed");
    return false;
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_field_char)) {
    refuse(400, "a header value has a control character");
    return false;
  }
  std::string name = to_lower(line.substr(0, colon));
  if (name == "transfer-encoding") {
    refuse(411, "send Content-Length: Transfer-Encoding is not taken");
    return false;
  }
  if (name == "content-length" && !parse_content_length(value)) return false;
  request_.headers.emplace_back(std::move(name), value);
  return true;
}

bool HttpFramer::parse_content_length(std::string_view value) {
  const char* const end = value.data() + value.size();
  const bool digits = !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
  if (has_content_length_ || !digits) {
    refuse(400, "Content-Length must be given once, in decimal digits");
    return false;
  }
  has_content_length_ = true;
  const auto [stop, error] = std::from_chars(value.data(), end, body_bytes_);
  if (error != std::errc() || stop != end || body_bytes_ > max_body_bytes_) {
    refuse(413, "the body is larger than " + std::to_string(max_body_bytes_) + " bytes");
    return false;
  }
  return true;
}

bool HttpFramer::parse_semantics() {
  const auto hosts = std::ranges::count_if(request_.headers, [](const auto& h) { return h.first == "host"; });
  if (hosts > 1 || (hosts == 0 && !http_1_0_)) {
    refuse(400, "exactly one Host header is needed");
    return false;
  }
  const std::string_view connection = request_.header("connection");
  keep_alive_ = http_1_0_ ? names_option(connection, "keep-alive") : !names_option(connection, "close");
  const std::string_view expect = request_.header("expect");
  if (!expect.empty() && !iequals(expect, "100-continue")) {
    refuse(417, "only `Expect: 100-continue` is understood");
    return false;
  }
  expects_continue_ = !expect.empty() && !http_1_0_;
  return true;
}

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& h) { return h.first == name; });
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

std::string render_response(const HttpResponse& response, bool keep_alive, bool with_body) {
  const bool bodiless = response.status == 204 || response.status == 304;
  std::string out;
  out.reserve(256 + (with_body ? response.body.size() : 0));
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  if (!bodiless) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
    out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  }
  out.append(keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n");
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out.append("\r\n");
  if (with_body && !bodiless) out.append(response.body);
  return out;
}

}  // namespace comporta
