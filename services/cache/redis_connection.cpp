#include "services/cache/redis_connection.h"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include "common/error.h"

namespace comporta {
namespace {

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};

timeval as_timeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1'000), static_cast<suseconds_t>(time.count() % 1'000 * 1'000)};
}

std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, reply.len);
}

/// Redis may quote arguments, which are people's data: only the code before the first space is passed on.
void throw_if_error(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_ERROR) {
    const std::string_view text = text_of(reply);
    throw TransientError("Redis says " + std::string(text.substr(0, text.find(' '))));
  }
  for (std::size_t i = 0; i < reply.elements; ++i) throw_if_error(*reply.element[i]);
}

}  // namespace

bool RedisValue::is_nil() const {
  return reply_->type == REDIS_REPLY_NIL;
}
std::string_view RedisValue::error() const {
  return reply_->type == REDIS_REPLY_ERROR ? text_of(*reply_) : std::string_view();
}
std::string_view RedisValue::text() const {
  return text_of(*reply_);
}
std::int64_t RedisValue::number() const {
  return reply_->type == REDIS_REPLY_INTEGER ? reply_->integer : 0;
}
std::size_t RedisValue::size() const {
  return reply_->elements;
}
RedisValue RedisValue::operator[](std::size_t index) const {
  check(index < size(), "an element of Redis' reply");
  return RedisValue(reply_->element[index]);
}

void FreeRedisReply::operator()(redisReply* reply) const {
  freeReplyObject(reply);
}

struct RedisConnection::Impl {
  std::unique_ptr<redisContext, FreeContext> context;

  redisReply* receive() {
    void* raw = nullptr;
    if (redisGetReply(context.get(), &raw) != REDIS_OK) fail();
    return static_cast<redisReply*>(raw);
  }
  [[noreturn]] void fail() const { throw TransientError(std::string("Redis: ") + context->errstr); }
};

RedisConnection::RedisConnection(const RedisServer& server) : impl_(std::make_unique<Impl>()) {
  const timeval timeout = as_timeval(server.timeout);
  impl_->context.reset(redisConnectWithTimeout(server.host.c_str(), server.port, timeout));
  if (impl_->context == nullptr) throw TransientError("Redis: no memory for a connection");
  if (impl_->context->err != 0) impl_->fail();
  if (redisSetTimeout(impl_->context.get(), timeout) != REDIS_OK) impl_->fail();
  if (server.password.empty()) return;
  RedisCommands login;
  login.command(server.user.empty() ? 2 : 3).argument("AUTH");
  if (!server.user.empty()) login.argument(server.user);
  send(login.argument(server.password));
  receive();
}

RedisConnection::~RedisConnection() = default;

void RedisConnection::send(const RedisCommands& commands) {
  const std::string& bytes = commands.bytes();
  if (redisAppendFormattedCommand(impl_->context.get(), bytes.data(), bytes.size()) != REDIS_OK)
    impl_->fail();
}

void RedisConnection::flush() {
  int done = 0;
  while (done == 0)
    if (redisBufferWrite(impl_->context.get(), &done) != REDIS_OK) impl_->fail();
}

RedisReply RedisConnection::receive_any() {
  return RedisReply(impl_->receive());
}

RedisReply RedisConnection::receive() {
  redisReply* raw = impl_->receive();
  RedisReply reply(raw);
  throw_if_error(*raw);
  return reply;
}

void RedisConnection::skip(std::size_t replies) {
  for (std::size_t i = 0; i < replies; ++i) receive();
}

}  // namespace comporta
