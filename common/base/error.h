#pragma once
// Errors are named by what the caller may do about them. Outside libraries' errors are translated
// into these once, in the file that wraps the library.

#include <source_location>
#include <stdexcept>
#include <string>

namespace comporta {

/// A dependency is away or busy: the same work may succeed later. Nothing is known to be lost.
class TransientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// This work can never succeed, however often it is tried.
class PermanentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Ends the process, saying where, when `condition` is false. Always compiled in. For bugs of our
/// own only: never for input, never for the network.
void check(bool condition, const char* what, std::source_location where = std::source_location::current());

}  // namespace comporta
