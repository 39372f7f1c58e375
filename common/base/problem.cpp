#include "common/base/problem.h"

#include <utility>

namespace comporta {

Problem not_found(std::string detail) {
  return {.status = 404, .title = "Not found", .detail = std::move(detail)};
}

Problem bad_request(std::string detail) {
  return {.status = 400, .title = "Bad request", .detail = std::move(detail)};
}

Problem bad_parameter(std::string detail) {
  return {.status = 400,
          .type = "urn:comporta:problem:bad-parameter",
          .title = "Bad parameter",
          .detail = std::move(detail)};
}

Problem bad_query() {
  return bad_parameter("the query must be name=value, with & in between and each name once");
}

Problem method_not_allowed(std::string_view allowed) {
  return {.status = 405,
          .title = "Method not allowed",
          .detail = "Allowed here: " + std::string(allowed),
          .allow = std::string(allowed)};
}

Problem unavailable(std::string detail) {
  return {.status = 503, .title = "Not available for now", .detail = std::move(detail)};
}

}  // namespace comporta
