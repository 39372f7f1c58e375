#pragma once
// What a kind's views.lua finds: what Lua 5.1 has to compute with, and nothing that reaches outside, catches
// a bound, or keeps the processor in one step that Lua does not count.

#include "services/cache/views/lua_state.h"

namespace comporta {

/// Opens what is safe of Lua's libraries, for code of our own.
void open_libraries(lua_State* lua);

/// Pushes a table of globals for the code of one kind, its libraries its own.
void push_sandbox(lua_State* lua);

/// How many ways a pattern may have to share out a text of that many bytes among its repetitions, at most:
/// each is tried where nothing fits.
double ways_to_match(std::string_view pattern, std::size_t bytes);

}  // namespace comporta
