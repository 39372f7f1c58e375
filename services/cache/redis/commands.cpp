#include "services/cache/redis/commands.h"

#include <array>
#include <charconv>

namespace comporta {
namespace {

using Digits = std::array<char, 20>;

std::string_view decimal(std::size_t number, Digits& digits) {
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), static_cast<std::size_t>(result.ptr - digits.data())};
}

}  // namespace

RedisCommands& RedisCommands::command(std::size_t arguments) {
  append_size('*', arguments);
  ++count_;
  return *this;
}

RedisCommands& RedisCommands::argument(std::string_view first, std::string_view second) {
  append_size('$', first.size() + second.size());
  bytes_ += first;
  bytes_ += second;
  bytes_ += "\r\n";
  return *this;
}

RedisCommands& RedisCommands::argument(std::size_t number) {
  Digits digits;
  return argument(decimal(number, digits));
}

void RedisCommands::clear() {
  bytes_.clear();
  count_ = 0;
}

void RedisCommands::append_size(char type, std::size_t size) {
  Digits digits;
  bytes_ += type;
  bytes_ += decimal(size, digits);
  bytes_ += "\r\n";
}

}  // namespace comporta
