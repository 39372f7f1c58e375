#include "common/base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "common/base/error.h"

namespace comporta {
namespace {

// As much as getrandom(2) always gives whole once the system is up.
constexpr std::size_t kBlockBytes = 256;

struct Block {
  std::array<std::uint8_t, kBlockBytes> bytes;
  std::size_t used = kBlockBytes;
};

void refill(Block& block) {
  const ssize_t got = getrandom(block.bytes.data(), block.bytes.size(), 0);
  check(got == static_cast<ssize_t>(block.bytes.size()), "getrandom() gives 256 bytes");
  block.used = 0;
}

}  // namespace

void random_bytes(std::span<std::uint8_t> out) {
  thread_local Block block;
  check(out.size() <= kBlockBytes, "random_bytes() is asked for at most one block");
  if (out.size() > kBlockBytes - block.used) refill(block);
  std::copy_n(block.bytes.begin() + static_cast<std::ptrdiff_t>(block.used), out.size(), out.begin());
  block.used += out.size();
}

}  // namespace comporta
