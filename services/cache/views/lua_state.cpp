#include "services/cache/views/lua_state.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <utility>

#include "common/base/error.h"

namespace comporta {
namespace {

using std::chrono::nanoseconds;

constexpr int kStepsAtOnce = 1'000;
constexpr std::size_t kLargeBlock = 4'096;
constexpr std::size_t kBytesPerStep = 16;  // of a large block, which is written or copied
constexpr std::chrono::milliseconds kLookAtClock{100};
constexpr char kTooManySteps[] = "it takes too many steps";
constexpr char kTooLong[] = "it takes too long";
constexpr char kTooMuchMemory[] = "it needs too much memory";

struct Work {
  const std::function<void(lua_State*)>& work;
};

int run_work(lua_State* lua) {
  const auto& work = static_cast<const Work*>(lua_touserdata(lua, 1))->work;
  lua_settop(lua, 0);
  try {
    work(lua);
  } catch (const std::exception&) {
    LuaState::of(lua).pass_on(lua, std::current_exception());
  }
  return 0;
}

std::string message_at_top(lua_State* lua) {
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, -1, &size);
  return text == nullptr ? std::string("an error without a text") : std::string(text, size);
}

}  // namespace

nanoseconds processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

LuaState::LuaState(LuaBounds bounds) : bounds_(bounds), lua_(lua_newstate(allocate, this)) {
  if (lua_ == nullptr) throw std::bad_alloc();
}

LuaState& LuaState::of(lua_State* lua) {
  void* state = nullptr;
  lua_getallocf(lua, &state);
  return *static_cast<LuaState*>(state);
}

void LuaState::renew() {
  most_steps_ = steps();
  steps_left_ = bounds_.steps;
  processor_till_ = processor_time() + bounds_.processor;
  looked_at_ = std::chrono::steady_clock::now();
  unbounded_ = false;
  ended_by_.clear();
}

std::optional<std::string> LuaState::run(const std::function<void(lua_State*)>& work) {
  lua_State* const lua = lua_.get();
  thrown_ = nullptr;
  renew();
  most_steps_ = 0;
  lua_sethook(lua, look, LUA_MASKCOUNT, kStepsAtOnce);
  Work todo{work};
  const int status = lua_cpcall(lua, run_work, &todo);
  unbounded_ = true;
  std::optional<std::string> fault;
  if (status != 0) fault = ended_by_.empty() ? message_at_top(lua) : ended_by_;
  lua_settop(lua, 0);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return fault;
}

/// Most of what Lua asks for is small, and soon given back.
void* LuaState::take(std::size_t size) {
  if (size > kSmallBlock) return std::malloc(size);
  try {
    return small_.allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void LuaState::give(void* block, std::size_t size) {
  if (size > kSmallBlock)
    std::free(block);
  else if (block != nullptr)
    small_.deallocate(block, size);
}

/// Lua frees with `after` 0, and expects that to succeed, as it does what does not grow.
void* LuaState::allocate(void* self, void* block, std::size_t before, std::size_t after) {
  LuaState& state = *static_cast<LuaState*>(self);
  if (block == nullptr) before = 0;
  if (after == 0) {
    state.give(block, before);
    state.used_ -= before;
    return nullptr;
  }
  if (after > before && !state.unbounded_) {
    if (state.used_ + (after - before) > state.bounds_.memory) {
      if (state.ended_by_.empty()) state.ended_by_ = place_in_code(state.lua_.get()) + kTooMuchMemory;
      state.was_spent_ = true;
      return nullptr;
    }
    if (after >= kLargeBlock) state.steps_left_ -= static_cast<std::int64_t>(after / kBytesPerStep);
    if (state.steps_left_ < 0) {  // before a thousand more of such steps are taken
      if (state.ended_by_.empty()) state.ended_by_ = place_in_code(state.lua_.get()) + kTooManySteps;
      state.was_spent_ = true;
      return nullptr;
    }
  }
  const bool stays_large = before > kSmallBlock && after > kSmallBlock;
  void* const made = stays_large ? std::realloc(block, after) : state.take(after);
  if (made == nullptr) return nullptr;
  if (!stays_large && before > 0) {
    std::memcpy(made, block, std::min(before, after));
    state.give(block, before);
  }
  state.used_ += after - before;
  return made;
}

void LuaState::look(lua_State* lua, lua_Debug*) {
  LuaState& state = of(lua);
  if (state.unbounded_) return;
  state.charge(lua, kStepsAtOnce);
  const auto now = std::chrono::steady_clock::now();
  if (now < state.looked_at_ + kLookAtClock) return;
  state.looked_at_ = now;
  if (processor_time() > state.processor_till_) state.stop(lua, kTooLong);
}

void LuaState::charge(lua_State* lua, std::int64_t steps) {
  if (unbounded_) return;
  if (must_end()) lua_error(lua);
  steps_left_ -= steps;
  if (steps_left_ < 0) stop(lua, kTooManySteps);
}

void LuaState::charge_long(lua_State* lua, std::int64_t steps) {
  if (unbounded_) return;
  charge(lua, steps);
  if (steps >= kStepsAtOnce && processor_time() > processor_till_) stop(lua, kTooLong);
}

void LuaState::stop(lua_State* lua, const char* why) {
  if (ended_by_.empty()) ended_by_ = place_in_code(lua) + why;
  was_spent_ = true;
  lua_pushnil(lua);
  lua_error(lua);
  std::abort();  // lua_error() does not return
}

void LuaState::pass_on(lua_State* lua, std::exception_ptr thrown) {
  thrown_ = std::move(thrown);
  lua_pushnil(lua);
  lua_error(lua);
  std::abort();
}

int LuaState::call_guarded(lua_State* lua, int arguments, int results) {
  const int status = lua_pcall(lua, arguments, results, 0);
  if (status != 0 && must_end()) lua_error(lua);
  return status;
}

int LuaState::call_bounded(lua_State* lua, int arguments, int results) {
  renew();
  const int status = lua_pcall(lua, arguments, results, 0);
  if (status == 0) return status;
  if (thrown_) lua_error(lua);
  if (ended_by_.empty()) return status;
  const std::string why = ended_by_;
  lua_pop(lua, 1);
  unbounded_ = true;  // to collect takes some memory, too
  lua_gc(lua, LUA_GCCOLLECT, 0);
  renew();
  push(lua, why);
  return status;
}

void LuaState::call_unbounded(lua_State* lua, int arguments) {
  unbounded_ = true;
  const int status = lua_pcall(lua, arguments, 0, 0);
  unbounded_ = false;
  if (status == 0) return;
  if (thrown_) lua_error(lua);
  pass_on(lua, std::make_exception_ptr(TransientError("views: " + message_at_top(lua))));
}

std::string place_in_code(lua_State* lua) {
  lua_Debug at{};
  for (int level = 0; lua != nullptr && lua_getstack(lua, level, &at) != 0; ++level) {
    lua_getinfo(lua, "Sl", &at);
    if (at.currentline <= 0 || std::string_view(at.source).find('/') == std::string_view::npos) continue;
    return std::string(at.short_src) + ":" + std::to_string(at.currentline) + ": ";
  }
  return {};
}

}  // namespace comporta
