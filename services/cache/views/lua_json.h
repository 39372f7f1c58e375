#pragma once
// JSON and Lua's values: null is a light userdata of nothing, an empty table a list, and the members of an
// object are written by name, so that the same data is the same text.

#include <string>

#include "services/cache/views/lua_state.h"

namespace comporta {

/// Pushes the value of a JSON text. Fails, through Lua, if it is none.
void push_json(lua_State* lua, std::string_view json);

/// The value at that index as JSON. Fails, through Lua, at what JSON cannot say.
std::string json_at(lua_State* lua, int index);

/// Pushes what json_at() writes as that text, whatever it says.
void push_raw_json(lua_State* lua, std::string_view json);

}  // namespace comporta
