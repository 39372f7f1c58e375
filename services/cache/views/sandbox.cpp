#include "services/cache/views/sandbox.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace comporta {
namespace {

constexpr double kMostWays = 5e8;
constexpr double kWaysPerStep = 100;
constexpr std::size_t kMostRepetitions = 100;  // each takes a place on the processor's stack
constexpr std::int64_t kMostUnpacked = 7'000;  // Lua's own limit is 8,000
constexpr std::size_t kBytesPerStep = 8;       // of a text that is searched, as it mostly is: once
constexpr lua_Integer kLongestMove = 1'000'000;

constexpr std::array kLibraries = {"string", "table", "math"};
constexpr std::array kGlobals = {"assert",   "error",    "getmetatable", "ipairs",      "next", "pairs",
                                 "rawequal", "rawget",   "rawset",       "select",      "type", "tonumber",
                                 "unpack",   "tostring", "_VERSION",     "setmetatable"};

/// Calls the function that is the first upvalue with all arguments.
int call_original(lua_State* lua) {
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

/// Where it is tried in more ways than that, the time of the processor is what bounds it.
void charge_search(lua_State* lua, std::string_view text, double ways) {
  if (ways > kMostWays)
    luaL_error(lua,
               "the pattern could be tried on this text in more than 500,000,000 ways: take a shorter text, "
               "or fewer of * + - ?");
  LuaState::of(lua).charge(lua, static_cast<std::int64_t>(text.size() / kBytesPerStep));
  LuaState::of(lua).charge_long(lua, static_cast<std::int64_t>(ways / kWaysPerStep));
}

/// find, match, gmatch and gsub.
int search(lua_State* lua) {
  const std::string_view text = text_at(lua, 1);
  const std::string_view pattern = text_at(lua, 2);
  charge_search(lua, text, ways_to_match(pattern, text.size()));
  return call_original(lua);
}

int find(lua_State* lua) {
  const std::string_view text = text_at(lua, 1);
  const std::string_view pattern = text_at(lua, 2);
  const bool is_plain = lua_toboolean(lua, 4) != 0;
  const auto size = static_cast<double>(text.size());
  charge_search(lua, text,
                is_plain ? size * std::max<double>(1, static_cast<double>(pattern.size()) / 64)
                         : ways_to_match(pattern, text.size()));
  return call_original(lua);
}

/// Of nothing any number is nothing, and would take as long as something.
int repeat(lua_State* lua) {
  if (text_at(lua, 1).empty()) {
    push(lua, "");
    return 1;
  }
  return call_original(lua);
}

/// Behind the end of a list, and far in front of it, there is nothing to move.
int insert(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  if (lua_gettop(lua) > 2) {
    const lua_Integer place = luaL_checkinteger(lua, 2);
    luaL_argcheck(lua, place > -kLongestMove, 2, "no place of a list");
    LuaState::of(lua).charge(
        lua, std::max<std::int64_t>(0, static_cast<std::int64_t>(lua_objlen(lua, 1)) - place));
  }
  return call_original(lua);
}

int remove_from(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  if (lua_gettop(lua) > 1)
    LuaState::of(lua).charge(lua, std::max<std::int64_t>(0, static_cast<std::int64_t>(lua_objlen(lua, 1)) -
                                                                luaL_checkinteger(lua, 2)));
  return call_original(lua);
}

/// A long text is read to its end, and made a number of by and by.
int to_number(lua_State* lua) {
  if (lua_type(lua, 1) == LUA_TSTRING)
    LuaState::of(lua).charge(lua, static_cast<std::int64_t>(lua_objlen(lua, 1)));
  return call_original(lua);
}

/// As unpack(), whose own check of how many that are does not hold for every number.
int unpack_list(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  const double first = luaL_optnumber(lua, 2, 1);
  const double last = luaL_optnumber(lua, 3, static_cast<double>(lua_objlen(lua, 1)));
  const bool is_small = last < first || (first >= -1e9 && last <= 1e9 && last - first < kMostUnpacked);
  if (!is_small) return luaL_error(lua, "too many results to unpack");
  if (last < first) return 0;
  return call_original(lua);
}

/// What is compared are the texts, mostly as far as they are the same.
int sort(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  const auto count = static_cast<int>(lua_objlen(lua, 1));
  std::size_t longest = 0;
  for (int i = 1; i <= count; ++i) {
    lua_rawgeti(lua, 1, i);
    if (lua_type(lua, -1) == LUA_TSTRING) longest = std::max(longest, lua_objlen(lua, -1));
    lua_pop(lua, 1);
  }
  const double comparisons = count * std::log2(std::max(2, count));
  LuaState::of(lua).charge_long(
      lua, static_cast<std::int64_t>(comparisons * (1 + static_cast<double>(longest) / kBytesPerStep)));
  return call_original(lua);
}

int guarded_pcall(lua_State* lua) {
  luaL_checkany(lua, 1);
  const int status = LuaState::of(lua).call_guarded(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  lua_pushboolean(lua, status == 0 ? 1 : 0);
  lua_insert(lua, 1);
  return lua_gettop(lua);
}

int no_such_global(lua_State* lua) {
  return luaL_error(lua, "there is no global `%s`", luaL_checkstring(lua, 2));
}

int no_new_global(lua_State* lua) {
  return luaL_error(lua, "`%s` would be a global: write `local`", luaL_checkstring(lua, 2));
}

/// In the table at the top, puts a function around the one of that name.
void guard(lua_State* lua, const char* name, lua_CFunction around) {
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, around, 1);
  lua_setfield(lua, -2, name);
}

void leave_out(lua_State* lua, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    lua_pushnil(lua);
    lua_setfield(lua, -2, name);
  }
}

void push_copy(lua_State* lua, const char* library) {
  lua_newtable(lua);
  lua_getglobal(lua, library);
  lua_pushnil(lua);
  while (lua_next(lua, -2) != 0) {
    lua_pushvalue(lua, -2);
    lua_insert(lua, -2);
    lua_settable(lua, -5);
  }
  lua_pop(lua, 1);
}

void guard_library(lua_State* lua, std::string_view name) {
  if (name == "string") {
    guard(lua, "find", find);
    for (const char* searching : {"match", "gmatch", "gsub"}) guard(lua, searching, search);
    guard(lua, "rep", repeat);
    leave_out(lua, {"dump", "gfind"});
  } else if (name == "table") {
    guard(lua, "insert", insert);
    guard(lua, "remove", remove_from);
    guard(lua, "sort", sort);
    leave_out(lua, {"foreach", "foreachi", "getn", "maxn", "setn"});
  } else if (name == "math") {
    leave_out(lua, {"random", "randomseed"});  // what is applied again comes to the same
  }
}

/// What `text:find(…)` calls is as guarded as string.find, and nobody's to change.
void guard_methods(lua_State* lua) {
  push(lua, "");
  lua_getmetatable(lua, -1);
  push_copy(lua, "string");
  guard_library(lua, "string");
  lua_setfield(lua, -2, "__index");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_pop(lua, 2);
}

/// A repetition in a pattern: how many texts it may take, of none, or of more than one.
std::size_t repetitions(std::string_view pattern) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%') {
      ++i;
    } else if (pattern[i] == '[') {
      // A bracket right behind the beginning is one of the set.
      i += i + 1 < pattern.size() && pattern[i + 1] == '^' ? 2U : 1U;
      for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); ++i, first = false)
        if (pattern[i] == '%') ++i;
    } else if (pattern[i] == '*' || pattern[i] == '+' || pattern[i] == '-' || pattern[i] == '?') {
      ++count;
    }
  }
  return count;
}

}  // namespace

/// Without an anchor it is also tried from every place; %b and a set take a look at the rest.
double ways_to_match(std::string_view pattern, std::size_t bytes) {
  const std::size_t repeated = repetitions(pattern) + (pattern.starts_with('^') ? 0U : 1U) +
                               (pattern.find("%b") == std::string_view::npos ? 0U : 1U);
  if (repeated > kMostRepetitions) return std::numeric_limits<double>::infinity();
  double ways = static_cast<double>(std::max<std::size_t>(1, pattern.size() / 64));
  for (std::size_t i = 1; i <= repeated && ways <= kMostWays; ++i)
    ways *= static_cast<double>(bytes + i) / static_cast<double>(i);
  return ways;
}

void open_libraries(lua_State* lua) {
  const std::array<std::pair<const char*, lua_CFunction>, 4> libraries = {{{"", luaopen_base},
                                                                           {LUA_STRLIBNAME, luaopen_string},
                                                                           {LUA_TABLIBNAME, luaopen_table},
                                                                           {LUA_MATHLIBNAME, luaopen_math}}};
  for (const auto& [name, open] : libraries) {
    lua_pushcfunction(lua, open);
    lua_pushstring(lua, name);
    lua_call(lua, 1, 0);
  }
  guard_methods(lua);
}

void push_sandbox(lua_State* lua) {
  lua_newtable(lua);
  for (const char* name : kGlobals) {
    lua_getglobal(lua, name);
    lua_setfield(lua, -2, name);
  }
  guard(lua, "tonumber", to_number);
  guard(lua, "unpack", unpack_list);
  lua_pushcfunction(lua, guarded_pcall);
  lua_setfield(lua, -2, "pcall");
  for (const char* name : kLibraries) {
    push_copy(lua, name);
    guard_library(lua, name);
    lua_setfield(lua, -2, name);
  }
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -2, "_G");
  lua_newtable(lua);
  lua_pushcfunction(lua, no_such_global);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, no_new_global);
  lua_setfield(lua, -2, "__newindex");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
}

}  // namespace comporta
