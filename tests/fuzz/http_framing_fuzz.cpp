// Request framing. The first byte says how the others are cut into pieces: however they come, they must be
// read as the same requests, and a request that was taken must, written again, be read as the same.

#include <algorithm>
#include <optional>

#include "common/http/framing.h"
#include "tests/fuzz/support.h"

namespace {

using namespace comporta;
using Step = HttpFramer::Step;

constexpr std::size_t kMaxHeaderBytes = 512;
constexpr std::size_t kMaxBodyBytes = 256;

struct Reading {
  std::vector<HttpRequest> requests;
  int refused = 0;  ///< the status; 0: everything was taken
};

Reading read(std::string_view text, std::size_t piece_bytes) {
  HttpFramer framer(kMaxHeaderBytes, kMaxBodyBytes);
  Reading reading;
  while (!text.empty()) {
    std::string_view piece = text.substr(0, piece_bytes);
    text.remove_prefix(piece.size());
    for (Step step = Step::kBody; step != Step::kNeedMore;) {
      step = framer.feed(piece);
      if (step == Step::kNeedMore) check(piece.empty(), "what needs more has taken all there was");
      if (step == Step::kBody) check(framer.body_bytes() <= kMaxBodyBytes, "a body keeps to its limit");
      if (step == Step::kRequest) reading.requests.push_back(framer.take());
      if (step != Step::kRefused) continue;
      reading.refused = framer.refusal().status;
      check(reading.refused >= 400 && reading.refused <= 505, "a refusal has an error's status");
      return reading;
    }
  }
  return reading;
}

/// HTTP/1.0, which needs no Host.
std::string write(const HttpRequest& request) {
  std::string text = request.method + " " + request.path;
  if (!request.query.empty()) text += "?" + request.query;
  text += " HTTP/1.0\r\n";
  for (const auto& [name, value] : request.headers)
    text.append(name).append(":").append(value).append("\r\n");
  return text + "\r\n" + request.body;
}

bool same(const HttpRequest& one, const HttpRequest& other) {
  return one.method == other.method && one.path == other.path && one.query == other.query &&
         one.headers == other.headers && one.body == other.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const Reading whole = read(text, std::max<std::size_t>(text.size(), 1));
  const Reading pieces = read(text, 1 + data[0] % 32);
  check(whole.refused == pieces.refused, "pieces are refused as the whole is");
  check(std::ranges::equal(whole.requests, pieces.requests, same), "pieces are read as the whole is");
  for (const HttpRequest& request : whole.requests) {
    check(request.body.size() <= kMaxBodyBytes, "a body keeps to its limit");
    const std::string again = write(request);
    const Reading repeated = read(again, again.size());
    check(repeated.requests.size() == 1 && same(repeated.requests[0], request),
          "a request written again is the same request");
  }
  return 0;
}
