#include "services/ingest-gateway/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "common/base/error.h"

namespace comporta::gateway {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr std::size_t kFirstBytes = 64 * 1024;

/// One z_stream.
class Inflater {
 public:
  explicit Inflater(std::string_view input) {
    check(input.size() <= std::numeric_limits<uInt>::max(), "a body is smaller than 4 GiB");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));  // zlib only reads it
    stream_.avail_in = static_cast<uInt>(input.size());
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Fills `space` as far as it can; says how many bytes it wrote, and zlib's code.
  std::pair<std::size_t, int> fill(char* space, std::size_t size) {
    stream_.next_out = reinterpret_cast<Bytef*>(space);
    stream_.avail_out = static_cast<uInt>(size);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    return {size - stream_.avail_out, code};
  }
  bool at_end() const { return stream_.avail_in == 0; }
  void next_member() { check(inflateReset(&stream_) == Z_OK, "a stream can be used again"); }

 private:
  z_stream stream_{};
};

}  // namespace

std::variant<std::string, GzipFault> gunzip(std::string_view compressed, std::size_t max_bytes,
                                            const MayHold& may_hold) {
  Inflater inflater(compressed);
  std::string content;
  std::size_t used = 0;
  const std::size_t most = max_bytes + 1;  // one byte more tells "too large" from "just fits"
  while (true) {
    if (used == content.size()) {
      const std::size_t next = std::min(most, std::max(kFirstBytes, 2 * used));
      if (!may_hold(next)) return GzipFault::kNoRoom;
      content.resize(next);
    }
    const auto [written, code] = inflater.fill(content.data() + used, content.size() - used);
    used += written;
    if (used > max_bytes) return GzipFault::kTooLarge;
    if (code != Z_OK && code != Z_STREAM_END) return GzipFault::kMalformed;
    if (code != Z_STREAM_END) continue;
    if (inflater.at_end()) break;
    inflater.next_member();
  }
  content.resize(used);
  content.shrink_to_fit();
  return content;
}

}  // namespace comporta::gateway
