#include "common/broker/lz4_frame.h"

#include <lz4frame.h>

#include <memory>
#include <type_traits>

#include "common/base/error.h"

namespace comporta {
namespace {

using Decompression =
    std::unique_ptr<std::remove_pointer_t<LZ4F_dctx*>, decltype(&LZ4F_freeDecompressionContext)>;

Decompression begin_decompression() {
  LZ4F_dctx* context = nullptr;
  check(LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) == 0, "memory for LZ4");
  return {context, &LZ4F_freeDecompressionContext};
}

}  // namespace

std::string lz4_frame_of(std::string_view text) {
  check(!text.empty(), "a frame has content: a size of none would say that it is unknown");
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentSize = text.size();
  const std::size_t bound = LZ4F_compressFrameBound(text.size(), &preferences);
  const auto room = std::make_unique_for_overwrite<char[]>(bound);
  const std::size_t size = LZ4F_compressFrame(room.get(), bound, text.data(), text.size(), &preferences);
  check(LZ4F_isError(size) == 0, "LZ4 compresses what there is room for");
  return {room.get(), size};
}

std::optional<std::string> text_of_lz4_frame(std::string_view frame, std::size_t limit) {
  const Decompression context = begin_decompression();
  LZ4F_frameInfo_t info{};
  std::size_t header = frame.size();
  if (LZ4F_isError(LZ4F_getFrameInfo(context.get(), &info, frame.data(), &header)) != 0) return std::nullopt;
  if (info.contentSize == 0 || info.contentSize > limit) return std::nullopt;
  frame.remove_prefix(header);

  std::string text(info.contentSize, '\0');
  std::size_t made = text.size();
  std::size_t taken = frame.size();
  LZ4F_decompressOptions_t options{};
  options.stableDst = 1;  // no copy is kept for what comes later: all of it comes at once
  const std::size_t missing =
      LZ4F_decompress(context.get(), text.data(), &made, frame.data(), &taken, &options);
  if (missing != 0 || made != text.size() || taken != frame.size()) return std::nullopt;
  return text;
}

}  // namespace comporta
