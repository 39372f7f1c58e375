#pragma once
// Redis commands in the form they have on the wire (RESP 2), many in one buffer that is used again.

#include <cstddef>
#include <string>
#include <string_view>

namespace comporta {

class RedisCommands {
 public:
  /// Begins a command; that many arguments must follow, its name being the first.
  RedisCommands& command(std::size_t arguments);
  RedisCommands& argument(std::string_view text) { return argument(text, {}); }
  /// One argument in two pieces.
  RedisCommands& argument(std::string_view first, std::string_view second);
  RedisCommands& argument(std::size_t number);
  /// One command, as bytes() of others has it.
  void add_whole(std::string_view bytes) {
    bytes_ += bytes;
    ++count_;
  }

  void clear();
  /// What there is has been sent: it is counted, and no longer there.
  void forget_bytes() { bytes_.clear(); }
  std::size_t count() const { return count_; }
  const std::string& bytes() const { return bytes_; }

 private:
  void append_size(char type, std::size_t size);

  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace comporta
