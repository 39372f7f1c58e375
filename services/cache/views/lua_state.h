#pragma once
// An interpreter of Lua 5.1 in which nothing runs without bounds: a run may take so many steps, so much time
// of the processor and so much memory, and no code inside can catch that it took more. Lua is the build that
// throws C++ exceptions, so destructors run whatever fails.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <lua.hpp>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

namespace comporta {

struct LuaBounds {
  std::int64_t steps = 50'000'000;             ///< instructions of a run; what is long counts as many
  std::size_t memory = std::size_t{48} << 20;  ///< bytes, of all that the state holds
  std::chrono::milliseconds processor{2'000};  ///< of the thread, for what steps do not tell
};

/// One thread.
class LuaState {
 public:
  /// With the libraries of sandbox(), for code of our own.
  explicit LuaState(LuaBounds bounds = {});
  ~LuaState() = default;
  LuaState(const LuaState&) = delete;
  LuaState& operator=(const LuaState&) = delete;

  /// Runs `work` on an empty stack. Returns why it failed, with file and line, nothing if it did not. What is
  /// thrown in it by others than Lua is thrown again.
  std::optional<std::string> run(const std::function<void(lua_State*)>& work);

  /// Whether a run has gone beyond a bound: what is left of the state is garbage for the most part.
  bool is_spent() const { return was_spent_; }
  /// Of the last run: the most that were taken within one set of bounds.
  std::int64_t steps() const { return std::max(most_steps_, bounds_.steps - steps_left_); }
  std::size_t memory() const { return used_; }
  void collect() { lua_gc(lua_.get(), LUA_GCCOLLECT, 0); }

  // For functions that Lua calls.

  static LuaState& of(lua_State* lua);
  /// What is about to be done counts as so many steps.
  void charge(lua_State* lua, std::int64_t steps);
  /// The same of what may take long, and in which nobody looks at the clock.
  void charge_long(lua_State* lua, std::int64_t steps);
  /// As lua_pcall(); but past a bound, and where others than Lua have thrown, it does not return.
  int call_guarded(lua_State* lua, int arguments, int results);
  /// As lua_pcall(), with steps and time of its own; it returns even past a bound, when garbage has been
  /// collected.
  int call_bounded(lua_State* lua, int arguments, int results);
  /// Calls without bounds what is known to end. Throws what fails in it: nothing may.
  void call_unbounded(lua_State* lua, int arguments);
  /// Throws through Lua what others than Lua have thrown.
  [[noreturn]] void pass_on(lua_State* lua, std::exception_ptr thrown);

 private:
  struct Close {
    void operator()(lua_State* lua) const { lua_close(lua); }
  };

  static void* allocate(void* state, void* block, std::size_t before, std::size_t after);
  static void look(lua_State* lua, lua_Debug* now);
  void renew();
  [[noreturn]] void stop(lua_State* lua, const char* why);
  bool must_end() const { return !ended_by_.empty() || thrown_; }

  static constexpr std::size_t kSmallBlock = 1'024;  ///< bytes

  void* take(std::size_t size);
  void give(void* block, std::size_t size);

  LuaBounds bounds_;
  std::pmr::unsynchronized_pool_resource small_{
      {.max_blocks_per_chunk = 512, .largest_required_pool_block = kSmallBlock}};
  std::size_t used_ = 0;
  std::int64_t steps_left_ = 0;
  std::int64_t most_steps_ = 0;  ///< before the bounds were last renewed
  std::chrono::nanoseconds processor_till_{};
  std::chrono::steady_clock::time_point looked_at_{};
  bool unbounded_ = true;
  bool was_spent_ = false;
  std::string ended_by_;  ///< why the run goes to its end; empty: it does not
  std::exception_ptr thrown_;
  std::unique_ptr<lua_State, Close> lua_;  ///< last: its memory is counted above
};

/// Of this thread.
std::chrono::nanoseconds processor_time();

/// The file and line of the innermost function that is a kind's, as `order/views.lua:12: `; empty if none is.
std::string place_in_code(lua_State* lua);

/// A text on the stack, which stays there.
inline std::string_view text_at(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, index, &size);
  return {text, size};
}
inline void push(lua_State* lua, std::string_view text) {
  lua_pushlstring(lua, text.data(), text.size());
}

}  // namespace comporta
