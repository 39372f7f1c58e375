#include "services/storage/s3_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <new>

#include "common/base/digest.h"
#include "common/base/error.h"

namespace comporta {
namespace {

/// A page of 1,000 objects is under 1 MiB, and so is every object that storage writes.
constexpr std::size_t kMaxResponseBytes = std::size_t{8} << 20;
/// libcurl's default of 64 KiB costs a large body many small writes.
constexpr long kUploadBufferBytes = 256 * 1024;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

/// Options are passed with C's variadic arguments: a wrong one is a bug here, not a fault of the network.
template <typename T>
void set(CURL* easy, CURLoption option, T value) {
  check(curl_easy_setopt(easy, option, value) == CURLE_OK, "libcurl knows this option");
}

void append_header(HeaderList& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());  // it is part of what has grown
  list.reset(grown);
}

HeaderList header_list(const std::map<std::string, std::string>& headers) {
  HeaderList list;
  for (const auto& [name, value] : headers) append_header(list, std::string(name).append(": ").append(value));
  append_header(list, "Expect:");  // without it a large body waits for a 100 Continue
  return list;
}

/// One request on its way. Stays where it is: libcurl holds pointers into it.
struct Transfer {
  S3Response response;
  HeaderList headers;
  std::array<char, CURL_ERROR_SIZE> error{};
  Easy easy;
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* user) {
  std::string& body = static_cast<Transfer*>(user)->response.body;
  if (body.size() + size > kMaxResponseBytes) return CURL_WRITEFUNC_ERROR;
  body.append(data, size);
  return size;
}

void set_method(CURL* easy, const S3Request& request) {
  if (request.method == "GET") return;
  // PUT as a POST of bytes in memory by another name: libcurl can send it again by itself when it finds
  // that a kept connection has been closed, which it cannot with a read callback.
  const std::string& body = *request.body;
  set(easy, CURLOPT_POSTFIELDS, body.data());
  set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(easy, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBufferBytes);
}

void set_limits(CURL* easy, const S3Settings& settings) {
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings.request_timeout.count()));
}

void set_transport(CURL* easy) {
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PROXY, "");       // whatever the environment says
  set(easy, CURLOPT_PATH_AS_IS, 1L);  // the path is signed as it stands
  set(easy, CURLOPT_NOSIGNAL, 1L);
}

std::string host_of(const std::string& endpoint) {
  return endpoint.substr(endpoint.find("://") + 3);
}

}  // namespace

std::string S3Response::error_code() const {
  constexpr std::string_view kOpen = "<Code>";
  const std::size_t begin = body.find(kOpen);
  if (begin == std::string::npos) return {};
  const std::size_t end = body.find('<', begin + kOpen.size());
  if (end == std::string::npos || end - begin > 100) return {};
  return body.substr(begin + kOpen.size(), end - begin - kOpen.size());
}

std::string S3Response::fault() const {
  const std::string asked = request.method + (request.object.empty() ? " bucket" : " " + request.object);
  if (status == 0) return asked + ": " + transport_fault;
  const std::string code = error_code();
  return asked + ": S3 answers " + std::to_string(status) + (code.empty() ? "" : " " + code);
}

struct S3Client::Impl {
  const S3Settings settings;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;
  Multi multi;  // destroyed after its transfers have been taken out

  explicit Impl(S3Settings made_with) : settings(std::move(made_with)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const auto& [easy, transfer] : transfers) curl_multi_remove_handle(multi.get(), easy);
  }

  HeaderList signed_headers(const S3Request& request, const std::string& path,
                            const std::string& query) const {
    static const std::string kNoBody = to_hex(sha256(""));
    SignedRequest out{.method = request.method,
                      .path = path,
                      .query = query,
                      .headers = request.headers,
                      .payload_sha256 = request.body ? request.body_sha256 : kNoBody};
    out.headers["host"] = host_of(settings.endpoint);
    sign(out, settings.credentials, WallClock::now());
    return header_list(out.headers);
  }

  void set_request(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    const S3Request& request = transfer.response.request;
    const std::string path =
        uri_encode_path("/" + settings.bucket + (request.object.empty() ? "" : "/" + request.object));
    const std::string query = canonical_query(request.query);
    set(easy, CURLOPT_URL, (settings.endpoint + path + (query.empty() ? "" : "?" + query)).c_str());
    transfer.headers = signed_headers(request, path, query);
    set(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
    set_method(easy, request);
  }

  std::vector<S3Response> finished() {
    int running = 0;
    check(curl_multi_perform(multi.get(), &running) == CURLM_OK, "curl_multi_perform");
    std::vector<S3Response> responses;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) responses.push_back(take(message->easy_handle, message->data.result));
    }
    return responses;
  }

  S3Response take(CURL* easy, CURLcode result) {
    curl_multi_remove_handle(multi.get(), easy);
    const std::unique_ptr<Transfer> transfer = std::move(transfers.extract(easy).mapped());
    S3Response response = std::move(transfer->response);
    if (result == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      response.status = static_cast<int>(status);
    } else {
      const char* detail =
          transfer->error.front() != '\0' ? transfer->error.data() : curl_easy_strerror(result);
      response.transport_fault = settings.endpoint + ": " + detail;
    }
    return response;
  }
};

S3Client::S3Client(const S3Settings& settings, std::size_t max_connections) : impl_(new Impl(settings)) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, whichever thread is first
  impl_->multi.reset(curl_multi_init());
  check(started == CURLE_OK && impl_->multi, "libcurl starts");
  const long limit = static_cast<long>(max_connections);
  curl_multi_setopt(impl_->multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, limit);
  curl_multi_setopt(impl_->multi.get(), CURLMOPT_MAXCONNECTS, limit);
}

S3Client::~S3Client() = default;

void S3Client::start(std::uint64_t token, S3Request request) {
  auto transfer = std::make_unique<Transfer>();
  transfer->response.token = token;
  transfer->response.request = std::move(request);
  transfer->easy.reset(curl_easy_init());
  CURL* easy = transfer->easy.get();
  check(easy != nullptr, "libcurl gives a handle");
  set_transport(easy);
  set_limits(easy, impl_->settings);
  set(easy, CURLOPT_ERRORBUFFER, transfer->error.data());
  set(easy, CURLOPT_WRITEFUNCTION, &receive);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(transfer.get()));
  impl_->set_request(*transfer);
  check(curl_multi_add_handle(impl_->multi.get(), easy) == CURLM_OK, "curl_multi_add_handle");
  impl_->transfers.emplace(easy, std::move(transfer));
}

std::vector<S3Response> S3Client::poll(int wake_fd, std::chrono::milliseconds limit) {
  std::vector<S3Response> responses = impl_->finished();
  if (!responses.empty()) return responses;
  curl_waitfd wake{.fd = wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
  const bool has_wake = wake_fd >= 0;
  curl_multi_poll(impl_->multi.get(), has_wake ? &wake : nullptr, has_wake ? 1U : 0U,
                  static_cast<int>(limit.count()), nullptr);
  return impl_->finished();
}

S3Response S3Client::send(S3Request request) {
  check(impl_->transfers.empty(), "send() is for a client with nothing in flight");
  start(0, std::move(request));
  for (;;) {
    std::vector<S3Response> responses = poll(-1, std::chrono::seconds(1));
    if (!responses.empty()) return std::move(responses.front());
  }
}

}  // namespace comporta
