#include "common/http/cross_site.h"

#include <string>
#include <string_view>

#include "common/base/text.h"

namespace comporta {
namespace {

Problem cross_site(std::string detail) {
  return {.status = 403,
          .type = "urn:comporta:problem:cross-site",
          .title = "Sent by a page of another site",
          .detail = std::move(detail)};
}

/// `https://shop.example:8443` -> `shop.example:8443`; of `null` nothing.
std::string_view host_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

}  // namespace

std::optional<Problem> unless_from_here(const HttpRequest& request) {
  constexpr std::string_view kAdvice =
      " This is for this site's own page, and for programs, which send neither Sec-Fetch-Site nor Origin.";
  const std::string_view site = request.header("sec-fetch-site");
  if (site == "same-origin" || site == "none") return std::nullopt;
  if (!site.empty())
    return cross_site("A browser says that a page of another origin sent this." + std::string(kAdvice));
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return std::nullopt;
  const std::string_view forwarded = request.header("x-forwarded-host");
  const std::string_view host = forwarded.empty() ? request.header("host") : forwarded;
  if (iequals(host_of(origin), host)) return std::nullopt;
  return cross_site("Its Origin is not the host that was asked." + std::string(kAdvice));
}

}  // namespace comporta
