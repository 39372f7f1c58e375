#include "services/cache/views/lua_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "services/cache/views/sandbox.h"

namespace comporta {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Runs code as that of a kind.
class Code {
 public:
  explicit Code(LuaBounds bounds = {}) : state_(bounds) {
    state_.run([](lua_State* lua) { open_libraries(lua); });
  }

  /// What it returns, or why it fails.
  std::string run(const std::string& code) {
    std::string result;
    const auto fault = state_.run([&](lua_State* lua) {
      if (luaL_loadbuffer(lua, code.data(), code.size(), "@shop/views.lua") != 0) lua_error(lua);
      push_sandbox(lua);
      lua_setfenv(lua, -2);
      lua_call(lua, 0, 1);
      result = lua_isnil(lua, -1) ? "nil" : std::string(text_at(lua, -1));
    });
    return fault ? "failed: " + *fault : result;
  }
  LuaState& state() { return state_; }

 private:
  LuaState state_;
};

TEST(LuaState, RunsCodeAndSaysWhereItFails) {
  Code code;
  EXPECT_EQ(code.run("return 1 + 1"), "2");
  EXPECT_EQ(code.run("local n\nreturn n.x"),
            "failed: shop/views.lua:2: attempt to index local 'n' (a nil value)");
  EXPECT_FALSE(code.state().is_spent());
}

struct Harm {
  const char* code;
  const char* why;
};

class BoundsOfCode : public ::testing::TestWithParam<Harm> {};

TEST_P(BoundsOfCode, EndItAndAreToldWithTheirPlace) {
  Code code;
  EXPECT_EQ(code.run(std::string("\n") + GetParam().code),
            std::string("failed: shop/views.lua:2: ") + GetParam().why);
  EXPECT_TRUE(code.state().is_spent());
  EXPECT_LT(code.state().memory(), std::size_t{64} << 20);
}

INSTANTIATE_TEST_SUITE_P(
    All, BoundsOfCode,
    ::testing::Values(
        Harm{"while true do end", "it takes too many steps"},
        Harm{"while true do pcall(function() while true do end end) end", "it takes too many steps"},
        Harm{"pcall(function() local t = {} while true do t[#t + 1] = {} end end) return 'caught'",
             "it needs too much memory"},
        Harm{"local s = 'x' while true do s = s .. s end", "it needs too much memory"},
        Harm{"return string.rep('x', 2^30)", "it needs too much memory"},
        Harm{"local s = string.rep('x', 8e6) while true do s:upper() end", "it takes too many steps"},
        Harm{"local s = string.rep('a', 2000) while true do s:find('a-b') end", "it takes too long"},
        Harm{"local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 0) "
             "table.remove(t, 1) end",
             "it takes too many steps"},
        Harm{"local s = string.rep('9', 1e6) while true do tonumber(s) end", "it takes too many steps"}));

TEST(LuaState, WhatIsOverIsNotOverForTheNext) {
  Code code({.steps = 100'000});
  EXPECT_THAT(code.run("while true do end"), HasSubstr("too many steps"));
  EXPECT_EQ(code.run("return 7"), "7");
}

TEST(LuaState, TimeOfTheProcessorIsBoundedToo) {
  Code code({.steps = std::int64_t{1} << 60, .processor = std::chrono::milliseconds(200)});
  EXPECT_EQ(code.run("while true do end"), "failed: shop/views.lua:1: it takes too long");
}

TEST(LuaState, WhatOthersThrowGoesThroughPcall) {
  LuaState state;
  const auto work = [](lua_State* lua) {
    open_libraries(lua);
    push_sandbox(lua);
    lua_getfield(lua, -1, "pcall");
    lua_pushcfunction(lua, [](lua_State* inner) -> int {
      LuaState::of(inner).pass_on(inner, std::make_exception_ptr(std::runtime_error("away")));
    });
    lua_call(lua, 1, 1);
    ADD_FAILURE() << "it came back";
  };
  EXPECT_THROW(state.run(work), std::runtime_error);
  EXPECT_EQ(state.run([](lua_State*) {}), std::nullopt);
}

TEST(LuaState, ABoundedCallComesBackFromABound) {
  LuaState state;
  const auto fault = state.run([](lua_State* lua) {
    open_libraries(lua);
    ASSERT_EQ(luaL_loadstring(lua, "while true do end"), 0);
    EXPECT_NE(LuaState::of(lua).call_bounded(lua, 0, 0), 0);
    EXPECT_THAT(std::string(text_at(lua, -1)), HasSubstr("too many steps"));
    ASSERT_EQ(luaL_loadstring(lua, "return 5"), 0);
    EXPECT_EQ(LuaState::of(lua).call_bounded(lua, 0, 1), 0);
    EXPECT_EQ(lua_tonumber(lua, -1), 5);
  });
  EXPECT_EQ(fault, std::nullopt);
  EXPECT_TRUE(state.is_spent());
}

TEST(Sandbox, HasNothingThatReachesOutside) {
  Code code;
  for (const char* name :
       {"os", "io", "debug", "package", "require", "load", "loadstring", "dofile", "loadfile", "getfenv",
        "setfenv", "coroutine", "collectgarbage", "newproxy", "print", "module", "xpcall", "host"})
    EXPECT_THAT(code.run(std::string("return ") + name), HasSubstr("there is no global `")) << name;
  EXPECT_EQ(code.run("return string.dump"), "nil");
}

TEST(Sandbox, KeepsNoGlobalsAndChangesNobodyElses) {
  Code code;
  EXPECT_EQ(code.run("count = 1"), "failed: shop/views.lua:1: `count` would be a global: write `local`");
  EXPECT_EQ(code.run("string.find = nil return 'gone'"), "gone");
  EXPECT_EQ(code.run("return ('abc'):find('b') + string.find('abc', 'b')"), "4");
  EXPECT_THAT(code.run("return getmetatable('').__index.x"), StartsWith("failed: "));
}

TEST(Sandbox, GuardsWhatLuaDoesNotCount) {
  Code code;
  EXPECT_EQ(code.run("return '[' .. string.rep('', 1e15) .. ']'"), "[]");
  EXPECT_THAT(code.run("table.insert({}, -1e9, 1)"), HasSubstr("no place of a list"));
  EXPECT_THAT(code.run("return string.find(string.rep('a', 5000), '.-.-.-.-b')"),
              HasSubstr("more than 500,000,000 ways"));
  EXPECT_EQ(code.run("local t = {1, 2} table.insert(t, 1, 0) table.insert(t, 9) table.remove(t, 2) return "
                     "table.concat(t, ',')"),
            "0,2,9");
}

TEST(Sandbox, WaysOfAPatternAreThoseToShareOutTheText) {
  EXPECT_EQ(ways_to_match("^abc", 1000), 1);
  EXPECT_EQ(ways_to_match("abc", 1000), 1001);
  EXPECT_EQ(ways_to_match("^a*", 1000), 1001);
  EXPECT_EQ(ways_to_match("^%a+[%]*]-x?", 10), 11.0 * 12 * 13 / 6);
  EXPECT_EQ(ways_to_match("^[*+%-]", 10), 1) << "in a set they are themselves";
  EXPECT_GT(ways_to_match("^.-.-.-.-b", 5000), 5e8);
  EXPECT_GT(ways_to_match(".-.-.-.-b", 200), ways_to_match("^.-.-.-.-b", 200));
}

}  // namespace
}  // namespace comporta
