#include "common/http_client/client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <array>
#include <new>
#include <utility>

#include "common/base/error.h"
#include "common/http_client/address.h"

namespace comporta {
namespace {

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
  IncomingAnswer answer;
  std::size_t max_answer_bytes = 0;
  std::shared_ptr<const std::string> body;
  HeaderList headers;
  std::array<char, CURL_ERROR_SIZE> error{};
  bool is_too_large = false;
  bool is_elsewhere = false;  ///< an address was not public
  Easy easy;
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  std::string& body = transfer.answer.body;
  transfer.is_too_large = body.size() + size > transfer.max_answer_bytes;
  if (transfer.is_too_large) return CURL_WRITEFUNC_ERROR;
  body.append(data, size);
  return size;
}

/// What is looked at is what is connected to.
curl_socket_t open_public(void* user, curlsocktype, curl_sockaddr* address) {
  if (is_public_address(address->addr))
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  static_cast<Transfer*>(user)->is_elsewhere = true;
  return CURL_SOCKET_BAD;
}

void set_method(CURL* easy, const OutgoingRequest& request) {
  if (request.method == "GET") return;
  check(request.body != nullptr, "all but GET have a body");
  // PUT as a POST of bytes in memory by another name: libcurl can send it again by itself when it finds
  // that a kept connection has been closed, which it cannot with a read callback.
  set(easy, CURLOPT_POSTFIELDS, request.body->data());
  set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(easy, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBufferBytes);
}

void set_transport(CURL* easy, const HttpClientSettings& settings) {
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROXY, "");       // whatever the environment says
  set(easy, CURLOPT_PATH_AS_IS, 1L);  // it may be signed as it stands
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // a name that is still looked up holds up nobody when its time is over
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
}

void set_limits(CURL* easy, const OutgoingRequest& request) {
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
}

void set_callbacks(Transfer& transfer, bool to_any_address) {
  CURL* easy = transfer.easy.get();
  void* user = &transfer;
  set(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  set(easy, CURLOPT_WRITEFUNCTION, &receive);
  set(easy, CURLOPT_WRITEDATA, user);
  if (to_any_address) return;
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &open_public);
  set(easy, CURLOPT_OPENSOCKETDATA, user);
}

std::string fault_of(const Transfer& transfer, CURLcode result) {
  if (transfer.is_too_large) return "the answer is too large";
  if (transfer.is_elsewhere && result == CURLE_COULDNT_CONNECT) return "its address is not a public one";
  return curl_easy_strerror(result);
}

}  // namespace

struct HttpClient::Impl {
  const HttpClientSettings settings;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;
  Multi multi;  // destroyed after its transfers have been taken out

  explicit Impl(HttpClientSettings made_with) : settings(std::move(made_with)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const auto& [easy, transfer] : transfers) curl_multi_remove_handle(multi.get(), easy);
  }

  std::vector<IncomingAnswer> finished() {
    int running = 0;
    check(curl_multi_perform(multi.get(), &running) == CURLM_OK, "curl_multi_perform");
    std::vector<IncomingAnswer> answers;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) answers.push_back(take(message->easy_handle, message->data.result));
    }
    return answers;
  }

  IncomingAnswer take(CURL* easy, CURLcode result) {
    curl_multi_remove_handle(multi.get(), easy);
    const std::unique_ptr<Transfer> transfer = std::move(transfers.extract(easy).mapped());
    IncomingAnswer answer = std::move(transfer->answer);
    if (result == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      answer.status = static_cast<int>(status);
    } else {
      answer.body.clear();
      answer.fault = fault_of(*transfer, result);
      answer.fault_detail = transfer->error.front() != '\0' ? transfer->error.data() : answer.fault;
    }
    return answer;
  }
};

HttpClient::HttpClient(const HttpClientSettings& settings) : impl_(new Impl(settings)) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, whichever thread is first
  impl_->multi.reset(curl_multi_init());
  check(started == CURLE_OK && impl_->multi, "libcurl starts");
  const long limit = static_cast<long>(settings.max_connections);
  curl_multi_setopt(impl_->multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, limit);
  curl_multi_setopt(impl_->multi.get(), CURLMOPT_MAXCONNECTS, limit);
}

HttpClient::~HttpClient() = default;

void HttpClient::start(std::uint64_t token, const OutgoingRequest& request) {
  auto transfer = std::make_unique<Transfer>();
  transfer->answer.token = token;
  transfer->max_answer_bytes = request.max_answer_bytes;
  transfer->body = request.body;
  transfer->headers = header_list(request.headers);
  transfer->easy.reset(curl_easy_init());
  CURL* easy = transfer->easy.get();
  check(easy != nullptr, "libcurl gives a handle");
  set_transport(easy, impl_->settings);
  set_limits(easy, request);
  set_callbacks(*transfer, request.to_any_address);
  set(easy, CURLOPT_URL, request.url.c_str());
  set(easy, CURLOPT_HTTPHEADER, transfer->headers.get());
  set_method(easy, request);
  check(curl_multi_add_handle(impl_->multi.get(), easy) == CURLM_OK, "curl_multi_add_handle");
  impl_->transfers.emplace(easy, std::move(transfer));
}

std::vector<IncomingAnswer> HttpClient::poll(int wake_fd, std::chrono::milliseconds limit) {
  std::vector<IncomingAnswer> answers = impl_->finished();
  if (!answers.empty()) return answers;
  curl_waitfd wake{.fd = wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
  const bool has_wake = wake_fd >= 0;
  curl_multi_poll(impl_->multi.get(), has_wake ? &wake : nullptr, has_wake ? 1U : 0U,
                  static_cast<int>(limit.count()), nullptr);
  return impl_->finished();
}

std::size_t HttpClient::in_flight() const {
  return impl_->transfers.size();
}

}  // namespace comporta
