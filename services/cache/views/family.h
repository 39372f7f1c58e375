#pragma once
// The views of one family at work: its library in an interpreter of its own, which begins anew when a bound
// has been broken in it.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "services/cache/views/library.h"
#include "services/cache/views/lua_state.h"

namespace comporta {

/// One thread. What it is given must outlive it.
class Family {
 public:
  using OnStack = std::function<void(lua_State*)>;

  /// `push_host` pushes the table of what the prelude may ask of us.
  Family(const ViewLibrary& library, OnStack push_host);

  /// Throws TransientError, with file and line, when the code of a kind is at fault. Else what is called
  /// finds it started.
  void start();

  /// Calls one of the prelude's entries with what `push_arguments` pushes, and gives what it returns to
  /// `take_results`. Returns why it failed, in one line.
  std::optional<std::string> call(const char* entry, const OnStack& push_arguments,
                                  const OnStack& take_results);
  /// Which the last call took.
  std::int64_t steps() const { return steps_; }
  /// Whether the last call broke a bound.
  bool was_spent() const { return was_spent_; }
  /// Gives back memory that is only kept to be fast.
  void rest() {
    if (state_) state_->collect();
  }

 private:
  const ViewLibrary& library_;
  OnStack push_host_;
  std::unique_ptr<LuaState> state_;  ///< none: not started, or broken
  bool was_spent_ = false;
  std::int64_t steps_ = 0;
};

}  // namespace comporta
