#include "services/cache/readers.h"

#include <utility>

#include "common/http/problem_response.h"

namespace comporta {
namespace {

constexpr std::size_t kMostWaiting = 256;
constexpr std::string_view kRecords;

/// Whose views are asked at that path; empty if none are.
std::string_view kind_in(std::string_view path) {
  for (const std::string_view start : {"/api/v1/views/", "/api/v1/recent/"})
    if (path.starts_with(start))
      return path.substr(start.size(), path.find('/', start.size()) - start.size());
  return {};
}

}  // namespace

Readers::Reader::Reader(const KindSet& kinds, Gatekeeper& keeper, std::unique_ptr<ViewStore> own_store,
                        const std::string& name)
    : store(std::move(own_store)), api(kinds, keeper, *store), pool(name, 1, kMostWaiting) {}

Readers::Readers(const KindSet& kinds, Gatekeeper& keeper, const MakeStore& make_store) : kinds_(kinds) {
  const auto add = [&](const std::string& family, const std::string& name) {
    readers_.try_emplace(family, kinds, keeper, make_store(), name);
  };
  add(std::string(kRecords), "read");
  for (const auto& [name, kind] : kinds.all())
    if (has_views(kind) && !readers_.contains(kind.family)) add(kind.family, "views " + kind.family);
}

Readers::Reader& Readers::reader_of(std::string_view path) {
  const Kind* const kind = kinds_.find(kind_in(path));
  const auto found = readers_.find(kind == nullptr ? kRecords : std::string_view(kind->family));
  return found != readers_.end() ? found->second : readers_.find(kRecords)->second;
}

void Readers::answer(HttpRequest request, Responder responder) {
  struct Exchange {
    HttpRequest request;
    Responder responder;
  };
  Reader& reader = reader_of(request.path);
  const auto exchange = std::make_shared<Exchange>(std::move(request), std::move(responder));
  const auto work = [exchange, &reader] {
    if (!exchange->responder.expired()) exchange->responder.send(reader.api.answer(exchange->request));
  };
  if (!reader.pool.submit(work))
    exchange->responder.send(refusal(unavailable("Too many readers just now."), exchange->request));
}

}  // namespace comporta
