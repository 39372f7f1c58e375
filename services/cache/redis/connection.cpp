#include "services/cache/redis/connection.h"

#include <hiredis/hiredis.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "common/base/error.h"
#include "services/cache/redis/sentinel.h"

namespace comporta {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
/// `+QUEUED`, the only answer to a queued command that is no error. Those are longer.
constexpr std::size_t kQueuedBytes = 9;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};

timeval as_timeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1'000), static_cast<suseconds_t>(time.count() % 1'000 * 1'000)};
}

/// Fills the nodes of the reader's `privdata`. What hiredis is given as an object says only that there is
/// one.
class NodesReader {
 public:
  static redisReplyObjectFunctions* functions() {
    static redisReplyObjectFunctions functions{make_text, make_list, make_number, make_nil, [](void*) {}};
    return &functions;
  }

 private:
  using Node = RedisNodes::Node;
  using Type = RedisNodes::Type;

  static void* make_text(const redisReadTask* task, char* text, std::size_t size) {
    RedisNodes& nodes = nodes_of(task);
    const Type type = task->type == REDIS_REPLY_ERROR ? Type::kError : Type::kText;
    const std::size_t begin = nodes.text.size();
    nodes.text.append(text, size);
    return put(task, {.type = type, .begin = begin, .size = size});
  }
  static void* make_list(const redisReadTask* task, int elements) {
    RedisNodes& nodes = nodes_of(task);
    const auto size = static_cast<std::size_t>(elements);
    const std::size_t begin = nodes.nodes.size();
    nodes.nodes.resize(begin + size);
    return put(task, {.type = Type::kList, .begin = begin, .size = size});
  }
  static void* make_number(const redisReadTask* task, long long number) {
    return put(task, {.type = Type::kNumber, .number = number});
  }
  static void* make_nil(const redisReadTask* task) { return put(task, {}); }

  static RedisNodes& nodes_of(const redisReadTask* task) { return *static_cast<RedisNodes*>(task->privdata); }
  static std::size_t index_of(const redisReadTask* task, const RedisNodes& nodes) {
    if (task->parent == nullptr) return 0;
    return nodes.nodes[index_of(task->parent, nodes)].begin + static_cast<std::size_t>(task->idx);
  }
  static void* put(const redisReadTask* task, const Node& node) {
    RedisNodes& nodes = nodes_of(task);
    nodes.nodes[index_of(task, nodes)] = node;
    return &nodes;
  }
};

/// Redis may quote arguments, which are people's data: only the code before the first space is passed on.
void throw_if_error(const RedisNodes& nodes) {
  for (std::size_t i = 0; i < nodes.nodes.size(); ++i) {
    const std::string_view error = RedisValue(nodes, i).error();
    if (!error.empty()) throw TransientError("Redis says " + std::string(error.substr(0, error.find(' '))));
  }
}

}  // namespace

bool RedisValue::is_nil() const {
  return node().type == RedisNodes::Type::kNil;
}
std::string_view RedisValue::error() const {
  if (node().type != RedisNodes::Type::kError) return {};
  return std::string_view(nodes_->text).substr(node().begin, node().size);
}
std::string_view RedisValue::text() const {
  if (node().type != RedisNodes::Type::kText) return {};
  return std::string_view(nodes_->text).substr(node().begin, node().size);
}
std::int64_t RedisValue::number() const {
  return node().number;
}
std::size_t RedisValue::size() const {
  return node().type == RedisNodes::Type::kList ? node().size : 0;
}
RedisValue RedisValue::operator[](std::size_t index) const {
  check(index < size(), "an element of Redis' reply");
  return RedisValue(*nodes_, node().begin + index);
}

struct RedisConnection::Impl {
  std::unique_ptr<redisContext, FreeContext> context;
  RedisNodes nodes;  ///< of the reply that was received last
  std::array<char, kReadBytes> buffer;
  std::size_t low_water = 1;

  /// Of what is to come, `sure` bytes are: the kernel need not wake us for less.
  void receive(std::size_t sure = 1) {
    nodes.nodes.assign(1, {});
    nodes.text.clear();
    for (void* handle = nullptr;;) {
      if (redisReaderGetReply(context->reader, &handle) != REDIS_OK) fail(context->reader->errstr);
      if (handle != nullptr) return;
      wake_at(std::min(sure, kReadBytes));
      read();
      sure = 1;
    }
  }
  void receive_no_error(std::size_t sure = 1) {
    receive(sure);
    throw_if_error(nodes);
  }
  void read() {
    ssize_t count = 0;
    do {
      count = ::recv(context->fd, buffer.data(), buffer.size(), 0);
    } while (count < 0 && errno == EINTR);
    if (count == 0) fail("the server closed the connection");
    if (count < 0)
      fail(errno == EAGAIN ? "no answer in time" : std::generic_category().message(errno).c_str());
    if (redisReaderFeed(context->reader, buffer.data(), static_cast<std::size_t>(count)) != REDIS_OK)
      fail(context->reader->errstr);
  }
  void wake_at(std::size_t bytes) {
    if (bytes == low_water) return;
    const int value = static_cast<int>(bytes);
    ::setsockopt(context->fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof value);
    low_water = bytes;
  }
  /// Read and not yet taken.
  std::size_t in_hand() const { return context->reader->len - context->reader->pos; }
  RedisReply take_reply() { return RedisReply(std::make_unique<RedisNodes>(std::exchange(nodes, {}))); }
  [[noreturn]] static void fail(const char* why) { throw TransientError(std::string("Redis: ") + why); }
};

RedisConnection::RedisConnection(const RedisServer& server) : impl_(std::make_unique<Impl>()) {
  const timeval timeout = as_timeval(server.timeout);
  const Address address = server.sentinels.empty() ? Address{server.host, server.port} : find_master(server);
  impl_->context.reset(redisConnectWithTimeout(address.host.c_str(), address.port, timeout));
  if (impl_->context == nullptr) throw TransientError("Redis: no memory for a connection");
  if (impl_->context->err != 0) Impl::fail(impl_->context->errstr);
  if (redisSetTimeout(impl_->context.get(), timeout) != REDIS_OK) Impl::fail(impl_->context->errstr);
  impl_->context->reader->fn = NodesReader::functions();
  impl_->context->reader->privdata = &impl_->nodes;
  if (!server.password.empty()) log_in(server);
  if (!server.sentinels.empty()) expect_master(*this);
}

void RedisConnection::log_in(const RedisServer& server) {
  RedisCommands login;
  login.command(server.user.empty() ? 2 : 3).argument("AUTH");
  if (!server.user.empty()) login.argument(server.user);
  send(login.argument(server.password));
  receive();
}

bool RedisConnection::is_over() const {
  char byte = 0;
  const ssize_t count = ::recv(impl_->context->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

RedisConnection::~RedisConnection() = default;

/// Past hiredis, which copies what it is to write, and moves what is left of it after each piece.
void RedisConnection::send(const RedisCommands& commands) {
  std::string_view rest = commands.bytes();
  while (!rest.empty()) {
    const ssize_t written = ::send(impl_->context->fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) Impl::fail(std::generic_category().message(errno).c_str());
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

RedisReply RedisConnection::receive_any() {
  impl_->receive();
  return impl_->take_reply();
}

RedisReply RedisConnection::receive() {
  impl_->receive_no_error();
  return impl_->take_reply();
}

void RedisConnection::skip(std::size_t replies) {
  for (std::size_t i = 0; i < replies; ++i) impl_->receive_no_error();
}

/// Redis answers some dozen at a time. To be woken for each dozen costs us more than what is in it, and
/// Redis, too.
void RedisConnection::skip_queued(std::size_t replies) {
  for (; replies > 0; --replies) {
    const std::size_t sure = replies * kQueuedBytes, in_hand = impl_->in_hand();
    impl_->receive_no_error(sure > in_hand ? sure - in_hand : 1);
  }
}

}  // namespace comporta
