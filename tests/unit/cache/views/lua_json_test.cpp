#include "services/cache/views/lua_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comporta {
namespace {

using ::testing::HasSubstr;

/// Read and written again, or why not.
std::string again(const std::string& json) {
  LuaState state;
  std::string written;
  const auto fault = state.run([&](lua_State* lua) {
    push_json(lua, json);
    written = json_at(lua, -1);
  });
  return fault ? "failed: " + *fault : written;
}

std::string written(const std::string& code) {
  LuaState state;
  std::string json;
  const auto fault = state.run([&](lua_State* lua) {
    if (luaL_loadstring(lua, code.c_str()) != 0) lua_error(lua);
    lua_call(lua, 0, 1);
    json = json_at(lua, -1);
  });
  return fault ? "failed: " + *fault : json;
}

TEST(LuaJson, TheSameDataIsTheSameText) {
  for (const char* json : {R"({"a":1,"b":[true,false,null],"c":{"d":"x"}})", "[1,2,[3,[4]]]", "\"text\"",
                           "12", "null", "-0.1", "1e+300", "9007199254740992", "0.30000000000000004",
                           R"("é \" \\ \n \u0001 \u007f /")", R"(["\u0000"])"})
    EXPECT_EQ(again(json), json);
  EXPECT_EQ(again(R"( {"b" : 2.0, "a" : "\u0041"} )"), R"({"a":"A","b":2})");
  EXPECT_EQ(again("{}"), "[]") << "an empty table is a list";
}

TEST(LuaJson, OnlyJsonIsRead) {
  for (const char* text : {"", "{", "[1,]", "nul", "1 2", "{\"a\"}"})
    EXPECT_THAT(again(text), HasSubstr("failed: ")) << text;
  EXPECT_THAT(again(std::string(300, '[') + std::string(300, ']')), HasSubstr("nested too deep"));
}

TEST(LuaJson, OnlyWhatJsonCanSayIsWritten) {
  EXPECT_EQ(written("return {[3] = 'c'}"), R"({"3":"c"})");
  EXPECT_THAT(written("return {1, 2, x = 3}"), HasSubstr("a list has no members: `x` beside its entries"));
  EXPECT_EQ(written("return 2^53 + 2"), "9007199254740994");
  EXPECT_EQ(written("return 0.1 + 0.2"), "0.30000000000000004");
  EXPECT_THAT(written("return 1/0"), HasSubstr("JSON has no such number"));
  EXPECT_THAT(written("return function() end"), HasSubstr("JSON cannot write a function"));
  EXPECT_THAT(written("return {[{}] = 1}"), HasSubstr("the name of a member must be a text"));
  EXPECT_THAT(written("local t = {} t[1] = t return t"), HasSubstr("nested so deep"));
}

TEST(LuaJson, WhatIsJsonAlreadyStays) {
  LuaState state;
  std::string json;
  state.run([&](lua_State* lua) {
    lua_newtable(lua);
    push_raw_json(lua, R"({ "n": 12345678901234567890 })");
    lua_setfield(lua, -2, "raw");
    json = json_at(lua, -1);
  });
  EXPECT_EQ(json, R"({"raw":{ "n": 12345678901234567890 }})");
}

}  // namespace
}  // namespace comporta
