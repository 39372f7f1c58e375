#pragma once
// LZ4 frames (the LZ4 Frame Format, 1.6): how long message bodies travel. The only place that knows liblz4.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace comporta {

/// One frame that names the size of what is in it.
std::string lz4_frame_of(std::string_view text);

/// What is in `frame`; nothing when it is not one whole frame that names the size of its content, or when
/// there are more than `limit` bytes in it. Takes no more memory than that.
std::optional<std::string> text_of_lz4_frame(std::string_view frame, std::size_t limit);

}  // namespace comporta
