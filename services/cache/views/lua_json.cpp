#include "services/cache/views/lua_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "common/json/rapid.h"

namespace comporta {
namespace {

constexpr int kDeepest = 200;
constexpr std::size_t kLongestJson = std::size_t{32} << 20;  // bytes
constexpr std::size_t kBytesPerStep = 64;
constexpr double kHighestWhole = 9007199254740992;  // 2^53: beyond, a number does not know its last digit
constexpr char kRawMark = 0;                        // its address marks the tables of push_raw_json()

/// Puts what RapidJSON reads on the stack, each value into what it is in.
class Pusher {
 public:
  using Ch = char;
  explicit Pusher(lua_State* lua) : lua_(lua) {}

  bool Null() {
    lua_pushlightuserdata(lua_, nullptr);
    return put();
  }
  bool Bool(bool value) {
    lua_pushboolean(lua_, value ? 1 : 0);
    return put();
  }
  bool Int(int value) { return number(value); }
  bool Uint(unsigned value) { return number(value); }
  bool Int64(std::int64_t value) { return number(static_cast<double>(value)); }
  bool Uint64(std::uint64_t value) { return number(static_cast<double>(value)); }
  bool Double(double value) { return number(value); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    lua_pushlstring(lua_, text, size);
    return put();
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    lua_pushlstring(lua_, text, size);
    return true;
  }
  bool StartObject() { return begin(kInObject); }
  bool EndObject(rapidjson::SizeType) { return end(); }
  bool StartArray() { return begin(0); }
  bool EndArray(rapidjson::SizeType) { return end(); }

 private:
  static constexpr int kInObject = -1;

  bool number(double value) {
    lua_pushnumber(lua_, value);
    return put();
  }
  bool begin(int place) {
    if (depth_ == kDeepest) luaL_error(lua_, "the JSON is nested too deep");
    luaL_checkstack(lua_, 4, "JSON");
    lua_newtable(lua_);
    places_[static_cast<std::size_t>(depth_++)] = place;
    return true;
  }
  bool end() {
    --depth_;
    return put();
  }
  bool put() {
    if (depth_ == 0) return true;
    int& place = places_[static_cast<std::size_t>(depth_ - 1)];
    if (place == kInObject)
      lua_rawset(lua_, -3);
    else
      lua_rawseti(lua_, -2, ++place);
    return true;
  }

  lua_State* lua_;
  int depth_ = 0;
  std::array<int, kDeepest> places_;  ///< of each that is open: what it has, or that it is an object
};

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      constexpr std::string_view kShort = "\bb\tt\nn\ff\rr";
      const std::size_t at = kShort.find(c);
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\u%04x", byte);
      out +=
          at != std::string_view::npos && at % 2 == 0 ? std::string{'\\', kShort[at + 1]} : std::string(hex);
    }
  }
  out += '"';
}

class Writer {
 public:
  explicit Writer(lua_State* lua) : lua_(lua) {}

  std::string out;

  void value(int index, int depth) {
    if (depth > kDeepest) luaL_error(lua_, "JSON cannot write what is nested so deep");
    count();
    switch (lua_type(lua_, index)) {
      case LUA_TSTRING:
        return append_text(out, text_at(lua_, index));
      case LUA_TNUMBER:
        return number(lua_tonumber(lua_, index));
      case LUA_TBOOLEAN:
        out += lua_toboolean(lua_, index) != 0 ? "true" : "false";
        return;
      case LUA_TTABLE:
        return table(index, depth);
      case LUA_TLIGHTUSERDATA:
      case LUA_TNIL:
        out += "null";
        return;
      default:
        luaL_error(lua_, "JSON cannot write a %s", luaL_typename(lua_, index));
    }
  }

 private:
  /// What is written is not the interpreter's: no bound of its own counts it.
  void count() {
    if (out.size() > kLongestJson)
      luaL_error(lua_, "%sJSON of more than 32 MiB", place_in_code(lua_).c_str());
    LuaState::of(lua_).charge(lua_, 1 + static_cast<std::int64_t>((out.size() - counted_) / kBytesPerStep));
    counted_ = out.size();
  }

  void number(double value) {
    if (!std::isfinite(value)) luaL_error(lua_, "JSON has no such number");
    char text[40];
    const bool is_whole = value == std::floor(value) && std::fabs(value) <= kHighestWhole;
    if (is_whole) {
      const auto end = std::to_chars(text, text + sizeof text, static_cast<std::int64_t>(value)).ptr;
      out.append(text, static_cast<std::size_t>(end - text));
      return;
    }
    std::snprintf(text, sizeof text, "%.15g", value);
    if (std::strtod(text, nullptr) != value) std::snprintf(text, sizeof text, "%.17g", value);
    out += text;
  }

  bool is_raw(int index) {
    if (lua_getmetatable(lua_, index) == 0) return false;
    lua_pushlightuserdata(lua_, const_cast<char*>(&kRawMark));
    lua_rawget(lua_, LUA_REGISTRYINDEX);
    const bool is = lua_rawequal(lua_, -1, -2) != 0;
    lua_pop(lua_, 2);
    return is;
  }

  void table(int index, int depth) {
    luaL_checkstack(lua_, 6, "JSON");
    if (is_raw(index)) {
      lua_rawgeti(lua_, index, 1);
      out += text_at(lua_, -1);
      lua_pop(lua_, 1);
      return;
    }
    const auto length = static_cast<int>(lua_objlen(lua_, index));
    lua_pushnil(lua_);
    const bool is_empty = lua_next(lua_, index) == 0;
    if (!is_empty) lua_pop(lua_, 2);
    if (length > 0 || is_empty) return list(index, length, depth);
    object(index, depth);
  }

  void list(int index, int length, int depth) {
    refuse_names(index);
    out += '[';
    for (int i = 1; i <= length; ++i) {
      if (i > 1) out += ',';
      lua_rawgeti(lua_, index, i);
      value(lua_gettop(lua_), depth + 1);
      lua_pop(lua_, 1);
    }
    out += ']';
  }

  /// JSON has no list whose entries stand beside members: these would be lost.
  void refuse_names(int index) {
    lua_pushnil(lua_);
    while (lua_next(lua_, index) != 0) {
      lua_pop(lua_, 1);
      if (lua_type(lua_, -1) == LUA_TSTRING)
        luaL_error(lua_, "a list has no members: `%s` beside its entries", lua_tostring(lua_, -1));
    }
  }

  /// A number as a name, as in a list with holes, is its text.
  void object(int index, int depth) {
    struct Name {
      std::string text;
      std::optional<double> number;
    };
    std::vector<Name> names;
    lua_pushnil(lua_);
    while (lua_next(lua_, index) != 0) {
      lua_pop(lua_, 1);
      const int type = lua_type(lua_, -1);
      if (type != LUA_TSTRING && type != LUA_TNUMBER)
        luaL_error(lua_, "the name of a member must be a text, not a %s", luaL_typename(lua_, -1));
      Name& name = names.emplace_back();
      if (type == LUA_TNUMBER) name.number = lua_tonumber(lua_, -1);
      lua_pushvalue(lua_, -1);  // the name itself must stay a number
      name.text = text_at(lua_, -1);
      lua_pop(lua_, 1);
    }
    std::ranges::sort(names, {}, &Name::text);
    out += '{';
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) out += ',';
      append_text(out, names[i].text);
      out += ':';
      if (names[i].number)
        lua_pushnumber(lua_, *names[i].number);
      else
        push(lua_, names[i].text);
      lua_rawget(lua_, index);
      value(lua_gettop(lua_), depth + 1);
      lua_pop(lua_, 1);
    }
    out += '}';
  }

  lua_State* lua_;
  std::size_t counted_ = 0;  ///< bytes of `out`
};

}  // namespace

void push_json(lua_State* lua, std::string_view json) {
  rapidjson::MemoryStream bytes(json.data(), json.size());
  rapidjson::Reader reader;
  Pusher pusher(lua);
  constexpr unsigned kFlags = rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag;
  if (reader.Parse<kFlags>(bytes, pusher).IsError()) luaL_error(lua, "what should be JSON is none");
}

std::string json_at(lua_State* lua, int index) {
  Writer writer(lua);
  writer.value(index > 0 ? index : lua_gettop(lua) + 1 + index, 1);
  return std::move(writer.out);
}

void push_raw_json(lua_State* lua, std::string_view json) {
  lua_createtable(lua, 1, 0);
  push(lua, json);
  lua_rawseti(lua, -2, 1);
  lua_pushlightuserdata(lua, const_cast<char*>(&kRawMark));
  lua_rawget(lua, LUA_REGISTRYINDEX);
  if (lua_isnil(lua, -1)) {
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_pushlightuserdata(lua, const_cast<char*>(&kRawMark));
    lua_pushvalue(lua, -2);
    lua_rawset(lua, LUA_REGISTRYINDEX);
  }
  lua_setmetatable(lua, -2);
}

}  // namespace comporta
