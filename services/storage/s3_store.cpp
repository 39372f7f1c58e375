#include "services/storage/s3_store.h"

#include <charconv>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/broker/message.h"

namespace comporta {
namespace {

/// The text between `<tag>` and `</tag>`, from `from` on; empty if there is none. Enough for the answers
/// of S3: what is looked for has no attributes, no nesting of its own name, and no characters to escape.
std::string_view element(std::string_view xml, std::string_view tag, std::size_t from = 0) {
  const std::string open = "<" + std::string(tag) + ">";
  const std::size_t begin = xml.find(open, from);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = xml.find("</" + std::string(tag) + ">", begin);
  if (end == std::string_view::npos) return {};
  return xml.substr(begin + open.size(), end - begin - open.size());
}

StoredObject parse_entry(std::string_view entry) {
  StoredObject object{.name = std::string(element(entry, "Key")),
                      .stored_at = std::string(element(entry, "LastModified"))};
  const std::string_view size = element(entry, "Size");
  std::from_chars(size.data(), size.data() + size.size(), object.size_bytes);
  return object;
}

/// What is written to see whether the bucket takes it, and removed again. No object of ours has such a name.
constexpr char kTrial[] = ".comporta-trial";

/// Outside us-east-1 the region has to be said in the body.
std::string create_bucket_body(const std::string& region) {
  if (region == "us-east-1") return {};
  return "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>" +
         region + "</LocationConstraint></CreateBucketConfiguration>";
}

S3Request with_body(S3Request request, std::string body) {
  request.body_sha256 = to_hex(sha256(body));
  request.body = std::make_shared<const std::string>(std::move(body));
  return request;
}

}  // namespace

S3Listing parse_listing(std::string_view xml) {
  S3Listing listing;
  std::size_t at = 0;
  for (;;) {
    const std::string_view entry = element(xml, "Contents", at);
    if (entry.empty()) break;
    at = static_cast<std::size_t>(entry.data() - xml.data()) + entry.size();
    StoredObject object = parse_entry(entry);
    if (is_object_name(object.name)) listing.objects.push_back(std::move(object));
  }
  if (element(xml, "IsTruncated") == "true") listing.continuation = element(xml, "NextContinuationToken");
  return listing;
}

S3Writer::S3Writer(const S3Settings& settings, std::size_t max_connections)
    : region_(settings.credentials.region), client_(settings, max_connections) {}

void S3Writer::start_prepare(std::uint64_t token) {
  client_.start(token, with_body({.method = "PUT", .object = kTrial}, "1\n"));
}

void S3Writer::start_look(std::uint64_t token) {
  // A listing rather than HEAD: its answer says what is wrong, and it needs no right that reading does not.
  client_.start(token,
                {.method = "GET", .query = {{"delimiter", "/"}, {"list-type", "2"}, {"max-keys", "1"}}});
}

void S3Writer::create_bucket(std::uint64_t token) {
  client_.start(token, with_body({.method = "PUT"}, create_bucket_body(region_)));
}

void S3Writer::start_put(std::uint64_t token, std::shared_ptr<const NewObject> object) {
  const std::string* body = &object->body;
  S3Request request{.method = "PUT",
                    .object = object->name,
                    .headers = {{"content-type", "application/x-ndjson"},
                                {"x-amz-meta-parts", std::to_string(object->parts)},
                                {"x-amz-meta-sha256", object->sha256}},
                    .body_sha256 = object->sha256};
  request.body = std::shared_ptr<const std::string>(std::move(object), body);
  client_.start(token, std::move(request));
}

std::vector<StoreResult> S3Writer::poll(int wake_fd, std::chrono::milliseconds limit) {
  std::vector<StoreResult> results;
  for (const S3Response& response : client_.poll(wake_fd, limit)) {
    if (auto result = result_of(response)) results.push_back(std::move(*result));
  }
  return results;
}

/// Nothing when another request has to follow under the same token.
std::optional<StoreResult> S3Writer::result_of(const S3Response& response) {
  const std::string& method = response.request.method;
  const bool of_bucket = response.request.object.empty();
  const bool of_trial = response.request.object == kTrial;
  if (of_trial && method == "PUT" && response.status == 404) {
    create_bucket(response.token);
    return std::nullopt;
  }
  if (of_trial && method == "PUT" && response.status == 200) {
    client_.start(response.token, with_body({.method = "DELETE", .object = kTrial}, {}));
    return std::nullopt;
  }
  const bool created_by_another = of_bucket && method == "PUT" && response.status == 409;
  const bool tidied_up = of_trial && method == "DELETE";  // one that may not be deleted harms nobody
  if (response.status == 200 || created_by_another || tidied_up) return StoreResult{response.token, {}};
  return StoreResult{response.token, response.fault()};
}

S3Reader::S3Reader(S3Settings settings) : settings_(std::move(settings)) {}

S3Response S3Reader::send(S3Request request) const {
  std::unique_ptr<S3Client> client;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      client = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!client) client = std::make_unique<S3Client>(settings_, 1);
  S3Response response = client->send(std::move(request));
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(client));
  return response;
}

std::optional<std::string> S3Reader::get(const std::string& name) const {
  S3Response response = send({.method = "GET", .object = name});
  if (response.status == 200) return std::move(response.body);
  if (response.status == 404 && response.error_code() == "NoSuchKey") return std::nullopt;
  throw TransientError(response.fault());
}

ObjectPage S3Reader::list(const std::string& folder, const std::string& after, std::size_t limit) const {
  ObjectPage page;
  std::string continuation;
  do {
    S3Request request{.method = "GET", .query = {{"list-type", "2"}, {"prefix", folder}}};
    request.query["max-keys"] = std::to_string(limit - page.objects.size());
    if (!continuation.empty()) request.query["continuation-token"] = continuation;
    if (continuation.empty() && !after.empty()) request.query["start-after"] = after;
    const S3Response response = send(std::move(request));
    if (response.status != 200) throw TransientError(response.fault());
    S3Listing listing = parse_listing(response.body);
    std::move(listing.objects.begin(), listing.objects.end(), std::back_inserter(page.objects));
    continuation = std::move(listing.continuation);
  } while (!continuation.empty() && page.objects.size() < limit);
  page.more = !continuation.empty();
  return page;
}

}  // namespace comporta
