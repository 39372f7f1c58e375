#include "services/cache/redis/host.h"

#include <utility>

#include "common/base/digest.h"
#include "services/cache/views/lua_json.h"

namespace comporta {
namespace {

constexpr std::int64_t kStepsOfCall = 100;
constexpr std::int64_t kStepsOfRead = 2'000;  // of what is not known

ViewData& data_of(lua_State* lua) {
  return **static_cast<ViewData**>(lua_touserdata(lua, lua_upvalueindex(1)));
}

ViewData::Milliseconds life_at(lua_State* lua, int index) {
  if (lua_isnoneornil(lua, index)) return std::nullopt;
  return static_cast<std::int64_t>(luaL_checknumber(lua, index));
}

void push_optional(lua_State* lua, const std::optional<std::string_view>& text) {
  if (text)
    push(lua, *text);
  else
    lua_pushnil(lua);
}

std::string word_at(lua_State* lua, int index) {
  if (lua_type(lua, index) == LUA_TNUMBER) return number_text(lua_tonumber(lua, index));
  return std::string(text_at(lua, index));
}

RedisValue answer_to_words(lua_State* lua) {
  std::vector<std::string> words;
  for (int i = 1; i <= lua_gettop(lua); ++i) words.push_back(word_at(lua, i));
  return data_of(lua).ask({words.begin(), words.end()});
}

int read(lua_State* lua) {
  const RedisValue answer = answer_to_words(lua);
  lua_createtable(lua, static_cast<int>(answer.size()), 0);
  for (std::size_t i = 0; i < answer.size(); ++i) {
    push(lua, answer[i].text());
    lua_rawseti(lua, -2, static_cast<int>(i + 1));
  }
  LuaState::of(lua).charge(lua, static_cast<std::int64_t>(answer.size()));
  return 1;
}

int number(lua_State* lua) {
  lua_pushnumber(lua, static_cast<double>(answer_to_words(lua).number()));
  return 1;
}

int get(lua_State* lua) {
  push_optional(lua, data_of(lua).text(text_at(lua, 1)));
  return 1;
}

int set(lua_State* lua) {
  data_of(lua).set_text(text_at(lua, 1), text_at(lua, 2), life_at(lua, 3));
  return 0;
}

int delete_key(lua_State* lua) {
  data_of(lua).delete_text(text_at(lua, 1));
  return 0;
}

int score(lua_State* lua) {
  const auto found = data_of(lua).score(text_at(lua, 1), text_at(lua, 2));
  if (found)
    lua_pushnumber(lua, *found);
  else
    lua_pushnil(lua);
  return 1;
}

int rank(lua_State* lua) {
  // A name that is a number is turned into text, which lua_next() must not see.
  std::vector<std::pair<std::string, std::optional<double>>> scores;
  lua_pushnil(lua);
  while (lua_next(lua, 2) != 0) {
    std::optional<double> given;
    if (lua_isnumber(lua, -1) != 0) given = lua_tonumber(lua, -1);
    lua_pushvalue(lua, -2);
    scores.emplace_back(text_at(lua, -1), given);
    lua_pop(lua, 2);
  }
  if (!scores.empty()) data_of(lua).rank(text_at(lua, 1), {scores.begin(), scores.end()});
  return 0;
}

int unrank_below(lua_State* lua) {
  data_of(lua).unrank_below(text_at(lua, 1), luaL_checknumber(lua, 2));
  return 0;
}

int first(lua_State* lua) {
  push_optional(lua, data_of(lua).first(text_at(lua, 1)));
  return 1;
}

int move(lua_State* lua) {
  lua_pushboolean(lua, data_of(lua).move(text_at(lua, 1), text_at(lua, 2)) ? 1 : 0);
  return 1;
}

int count(lua_State* lua) {
  lua_pushnumber(lua, static_cast<double>(data_of(lua).count(text_at(lua, 1))));
  return 1;
}

int set_count(lua_State* lua) {
  data_of(lua).set_count(text_at(lua, 1), static_cast<std::int64_t>(luaL_checknumber(lua, 2)));
  return 0;
}

int append(lua_State* lua) {
  std::vector<std::string_view> entries;  // the table keeps them
  for (int i = 1; i <= static_cast<int>(lua_objlen(lua, 2)); ++i) {
    lua_rawgeti(lua, 2, i);
    entries.push_back(text_at(lua, -1));
    lua_pop(lua, 1);
  }
  data_of(lua).append(text_at(lua, 1), entries, static_cast<std::size_t>(luaL_checknumber(lua, 3)),
                      life_at(lua, 4));
  return 0;
}

int show(lua_State* lua) {
  data_of(lua).show(text_at(lua, 1), text_at(lua, 2), static_cast<std::size_t>(luaL_checknumber(lua, 3)));
  return 0;
}

int front(lua_State* lua) {
  push_optional(lua, data_of(lua).front(text_at(lua, 1)));
  return 1;
}

int push_back(lua_State* lua) {
  data_of(lua).push(text_at(lua, 1), text_at(lua, 2));
  return 0;
}

int pop(lua_State* lua) {
  data_of(lua).pop(text_at(lua, 1));
  return 0;
}

int fields(lua_State* lua) {
  lua_newtable(lua);
  for (const auto& [field, value] : data_of(lua).fields(text_at(lua, 1))) {
    push(lua, field);
    push(lua, value);
    lua_rawset(lua, -3);
  }
  return 1;
}

int set_fields(lua_State* lua) {
  ViewData::Fields given;
  lua_pushnil(lua);
  while (lua_next(lua, 2) != 0) {
    given[word_at(lua, -2)] = word_at(lua, -1);
    lua_pop(lua, 1);
  }
  data_of(lua).set_fields(text_at(lua, 1), given);
  return 0;
}

int delete_field(lua_State* lua) {
  data_of(lua).delete_field(text_at(lua, 1), text_at(lua, 2));
  return 0;
}

int add_to_field(lua_State* lua) {
  data_of(lua).add_to_field(text_at(lua, 1), text_at(lua, 2),
                            static_cast<std::int64_t>(luaL_checknumber(lua, 3)));
  return 0;
}

int expire(lua_State* lua) {
  data_of(lua).expire(text_at(lua, 1), static_cast<std::int64_t>(luaL_checknumber(lua, 2)));
  return 0;
}

int count_up(lua_State* lua) {
  data_of(lua).count_up(text_at(lua, 1), text_at(lua, 2),
                        static_cast<std::int64_t>(luaL_checknumber(lua, 3)));
  return 0;
}

int encode(lua_State* lua) {
  luaL_checkany(lua, 1);
  push(lua, json_at(lua, 1));
  return 1;
}

int decode(lua_State* lua) {
  const std::string_view json = text_at(lua, 1);
  LuaState::of(lua).charge(lua, static_cast<std::int64_t>(json.size() / 8));
  push_json(lua, json);
  return 1;
}

int as_it_is(lua_State* lua) {
  push_raw_json(lua, text_at(lua, 1));
  return 1;
}

int sha1hex(lua_State* lua) {
  push(lua, to_hex(sha1(text_at(lua, 1))));
  return 1;
}

/// What others than Lua throw goes through it as such.
template <lua_CFunction function>
int called(lua_State* lua) {
  LuaState& state = LuaState::of(lua);
  state.charge(lua, kStepsOfCall);
  const std::size_t before = data_of(lua).reads();
  try {
    const int results = function(lua);
    if (const std::size_t reads = data_of(lua).reads() - before; reads > 0)
      state.charge(lua, static_cast<std::int64_t>(reads) * kStepsOfRead);
    return results;
  } catch (const std::exception&) {
    state.pass_on(lua, std::current_exception());
  }
}

}  // namespace

void push_host(lua_State* lua, ViewData** data) {
  lua_newtable(lua);
  const auto add = [&](const char* name, lua_CFunction function) {
    lua_pushlightuserdata(lua, data);
    lua_pushcclosure(lua, function, 1);
    lua_setfield(lua, -2, name);
  };
  add("read", called<read>);
  add("number", called<number>);
  add("get", called<get>);
  add("set", called<set>);
  add("delete", called<delete_key>);
  add("score", called<score>);
  add("rank", called<rank>);
  add("unrank_below", called<unrank_below>);
  add("first", called<first>);
  add("move", called<move>);
  add("count", called<count>);
  add("set_count", called<set_count>);
  add("append", called<append>);
  add("show", called<show>);
  add("front", called<front>);
  add("push", called<push_back>);
  add("pop", called<pop>);
  add("fields", called<fields>);
  add("set_fields", called<set_fields>);
  add("delete_field", called<delete_field>);
  add("add_to_field", called<add_to_field>);
  add("expire", called<expire>);
  add("count_up", called<count_up>);
  add("encode", called<encode>);
  add("decode", called<decode>);
  add("as_it_is", called<as_it_is>);
  add("sha1hex", called<sha1hex>);
  lua_pushlightuserdata(lua, nullptr);
  lua_setfield(lua, -2, "null");
}

}  // namespace comporta
