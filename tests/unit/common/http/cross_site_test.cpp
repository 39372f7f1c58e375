#include "common/http/cross_site.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// With the host that nginx gives, and the one that the client asked for.
bool is_taken(Headers headers) {
  HttpRequest request;
  request.headers = std::move(headers);
  request.headers.emplace_back("host", "gateway");
  request.headers.emplace_back("x-forwarded-host", "shop.example:8080");
  const auto problem = unless_from_here(request);
  EXPECT_TRUE(!problem || (problem->status == 403 && !problem->detail.empty()));
  return !problem;
}

TEST(CrossSite, ProgramsSayNothingAndAreTaken) {
  EXPECT_TRUE(is_taken({}));
}

TEST(CrossSite, WhatTheBrowserSaysOfThePageDecides) {
  EXPECT_TRUE(is_taken({{"sec-fetch-site", "same-origin"}}));
  EXPECT_TRUE(is_taken({{"sec-fetch-site", "none"}})) << "no page at all: the visitor's own doing";
  for (const char* other : {"cross-site", "same-site", "something new"})
    EXPECT_FALSE(is_taken({{"sec-fetch-site", other}})) << other;
  EXPECT_TRUE(is_taken({{"sec-fetch-site", "same-origin"}, {"origin", "null"}}))
      << "by a page without referrer";
  EXPECT_FALSE(is_taken({{"sec-fetch-site", "cross-site"}, {"origin", "http://shop.example:8080"}}));
}

TEST(CrossSite, WithoutThatTheOriginMustBeTheHostThatWasAsked) {
  EXPECT_TRUE(is_taken({{"origin", "http://shop.example:8080"}}));
  EXPECT_TRUE(is_taken({{"origin", "https://SHOP.example:8080"}}));
  for (const char* other : {"null", "http://evil.example", "http://shop.example", "http://shop.example:80801",
                            "http://evil.example/shop.example:8080", "shop.example:8080", "://", "http://"})
    EXPECT_FALSE(is_taken({{"origin", other}})) << other;
}

TEST(CrossSite, WithoutAProxyTheHostIsTheOneThatWasAsked) {
  HttpRequest request;
  request.headers = {{"origin", "http://127.0.0.1:8081"}, {"host", "127.0.0.1:8081"}};
  EXPECT_FALSE(unless_from_here(request));
  request.headers = {{"origin", "http://127.0.0.1:3000"}, {"host", "127.0.0.1:8081"}};
  EXPECT_TRUE(unless_from_here(request));
}

}  // namespace
}  // namespace comporta
