#include "services/cache/views/family.h"

#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/base/spare_memory.h"
#include "services/cache/views/sandbox.h"

namespace comporta {
namespace {

constexpr std::size_t kMuchMemory = std::size_t{16} << 20;
constexpr char kEntries[] = "entries";

/// run_code(source, name, …): runs the code of a kind with globals of its own, and what else it is given.
int run_code(lua_State* lua) {
  const std::string_view source = text_at(lua, 1);
  if (luaL_loadbuffer(lua, source.data(), source.size(), luaL_checkstring(lua, 2)) != 0) lua_error(lua);
  push_sandbox(lua);
  lua_setfenv(lua, -2);
  lua_replace(lua, 2);
  lua_remove(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 1);
  return 1;
}

int try_to(lua_State* lua) {
  const int status = LuaState::of(lua).call_bounded(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  lua_pushboolean(lua, status == 0 ? 1 : 0);
  lua_insert(lua, 1);
  return lua_gettop(lua);
}

int commit(lua_State* lua) {
  LuaState::of(lua).call_unbounded(lua, lua_gettop(lua) - 1);
  return 0;
}

void add(lua_State* lua, const char* name, lua_CFunction function) {
  lua_pushcfunction(lua, function);
  lua_setfield(lua, -2, name);
}

}  // namespace

Family::Family(const ViewLibrary& library, OnStack push_host)
    : library_(library), push_host_(std::move(push_host)) {}

void Family::start() {
  if (state_) return;
  auto state = std::make_unique<LuaState>();
  const auto fault = state->run([this](lua_State* lua) {
    open_libraries(lua);
    push_host_(lua);
    add(lua, "run_code", run_code);
    add(lua, "try", try_to);
    add(lua, "commit", commit);
    lua_setglobal(lua, "host");
    if (luaL_loadbuffer(lua, library_.code.data(), library_.code.size(), "=views") != 0) lua_error(lua);
    lua_call(lua, 0, 1);
    lua_setfield(lua, LUA_REGISTRYINDEX, kEntries);
  });
  if (fault) throw TransientError("the views of " + library_.family + " do not start: " + *fault);
  state_ = std::move(state);
}

std::optional<std::string> Family::call(const char* entry, const OnStack& push_arguments,
                                        const OnStack& take_results) {
  start();
  auto fault = state_->run([&](lua_State* lua) {
    lua_getfield(lua, LUA_REGISTRYINDEX, kEntries);
    lua_getfield(lua, -1, entry);
    lua_remove(lua, -2);
    push_arguments(lua);
    lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
    take_results(lua);
  });
  was_spent_ = state_->is_spent();
  steps_ = state_->steps();
  if (!was_spent_ && state_->memory() > kMuchMemory) state_->collect();
  if (was_spent_ || state_->memory() > kMuchMemory) {
    state_.reset();
    SpareMemory::give_back();
  }
  if (fault)
    std::ranges::replace_if(
        *fault, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return fault;
}

}  // namespace comporta
