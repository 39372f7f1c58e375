#pragma once
// What the prelude of the views may ask of us: reading and changing what they keep, and what Lua cannot
// compute.

#include "services/cache/redis/view_data.h"
#include "services/cache/views/lua_state.h"

namespace comporta {

/// Pushes the table `host`, whose functions work on `*data`, whatever that points at when they are called. In
/// the order of host.cpp:
///
///   read(…), number(…)                  the answer to a reading command as a list of texts, or as a number
///   get(key), set(key, text, ms), delete(key)
///   score(set, name), rank(set, {name = score or false}), unrank_below(set, score)
///   first(set), move(set, set), count(set), set_count(set, count)
///   append(list, {text…}, keep, ms), show(list, text, keep), front(list), push(list, text), pop(list)
///   fields(hash), set_fields(hash, {field = text}), delete_field(hash, field), add_to_field(hash, field,
///   number), expire(key, ms), count_up(hash, field, number) encode(value), decode(json), as_it_is(json),
///   null, sha1hex(text)
void push_host(lua_State* lua, ViewData** data);

}  // namespace comporta
