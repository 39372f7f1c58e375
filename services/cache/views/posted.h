#pragma once
// Questions whose arguments come as a JSON object.

#include <string>
#include <variant>

#include "common/base/problem.h"
#include "common/http/server.h"

namespace comporta {

/// The query of a URL that asks the same as the posted `request`: numbers, texts and true or false as they
/// would stand there, null as if it were not there. A Problem, 400 or 415, if the body is anything but such
/// an object, or if there is a query beside it.
std::variant<std::string, Problem> posted_query(const HttpRequest& request);

}  // namespace comporta
