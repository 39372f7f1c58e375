#pragma once
// What somebody sends who wants to log in, as JSON or as a form.

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/problem.h"
#include "common/http/server.h"

namespace comporta {

inline constexpr std::size_t kLargestLogin = 4 * 1024;  ///< bytes of a body

/// Texts by name. Never to be logged.
using Fields = std::map<std::string, std::string, std::less<>>;

/// The members of a body that are texts. An empty body has none. A Problem: 413 over kLargestLogin, 415 for
/// what is neither JSON nor a form, 400 for what is malformed or no UTF-8, or no text where one is asked for.
std::variant<Fields, Problem> read_fields(const HttpRequest& request);

struct Credentials {
  std::string kind;
  std::string login;  ///< folded
  std::string password;
};

/// `username` is another word for `login`, and `kind` may stand in the query; nothing else may. A Problem:
/// those of read_fields(), 400 for another parameter in the query, 422 where something is missing. Whether
/// there is such a kind is not looked at.
std::variant<Credentials, Problem> read_credentials(const HttpRequest& request);

}  // namespace comporta
