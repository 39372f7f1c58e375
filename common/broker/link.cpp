#include "common/broker/link.h"

#include <amqp_tcp_socket.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "common/base/error.h"

namespace comporta::amqp_detail {
namespace {

using std::chrono::milliseconds;

constexpr int kFrameMaxBytes = 131'072;
constexpr milliseconds kGoodbyeLimit{1'000};
// publish() has no deadline of its own: this ends it when the broker's machine answers nothing any more.
constexpr milliseconds kUnansweredLimit{15'000};

timeval to_timeval(milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
}

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

amqp_table_entry_t flag_entry(const char* key) {
  amqp_table_entry_t entry{};
  entry.key = amqp_cstring_bytes(key);
  entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  entry.value.value.boolean = 1;
  return entry;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Link::Link(const Address& address, const BrokerSettings& settings, const std::string& name)
    : address_(text_of(address)),
      state_(amqp_new_connection(), &amqp_destroy_connection),
      fd_(open_socket(address, settings.connect_timeout)) {
  log_in(settings, name);
  amqp_channel_open(state(), kChannel);
  expect_answer("open a channel");
}

Link::~Link() {
  // A broker that reads nothing would not hear it either.
  if (lost_ || blocked_ || !reads()) return;
  const timeval limit = to_timeval(kGoodbyeLimit);
  amqp_set_rpc_timeout(state(), &limit);
  amqp_connection_close(state(), AMQP_REPLY_SUCCESS);
}

void Link::shut_down() {
  ::shutdown(fd(), SHUT_RDWR);
}

void Link::shut_down_if_stuck(milliseconds limit) {
  const std::int64_t since = sending_since_;
  if (since == 0) return;
  const std::chrono::steady_clock::duration begin(since);
  if (std::chrono::steady_clock::now().time_since_epoch() - begin >= limit) shut_down();
}

bool Link::reads() const {
  pollfd socket{fd(), POLLOUT, 0};
  return ::poll(&socket, 1, 0) == 1;
}

int Link::open_socket(const Address& address, milliseconds connect_timeout) {
  const timeval limit = to_timeval(connect_timeout);
  amqp_socket_t* socket = amqp_tcp_socket_new(state());
  check(socket != nullptr, "memory for a socket");
  expect(amqp_socket_open_noblock(socket, address.host.c_str(), address.port, &limit), "connect");
  const int fd = amqp_socket_get_sockfd(socket);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(kUnansweredLimit.count()));
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  amqp_set_handshake_timeout(state(), &limit);
  amqp_set_rpc_timeout(state(), &limit);
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) fail("connect", "no file descriptor is left");
  return own;
}

void Link::log_in(const BrokerSettings& settings, const std::string& name) {
  // Unasked, the broker tells neither that it takes nothing nor that a consumer's queue is gone.
  std::array capabilities{flag_entry("connection.blocked"), flag_entry("consumer_cancel_notify"),
                          flag_entry("publisher_confirms"), flag_entry("basic.nack"),
                          flag_entry("authentication_failure_close")};
  std::array<amqp_table_entry_t, 2> properties{};
  properties[0].key = amqp_cstring_bytes("capabilities");
  properties[0].value.kind = AMQP_FIELD_KIND_TABLE;
  properties[0].value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
  properties[1].key = amqp_cstring_bytes("connection_name");
  properties[1].value.kind = AMQP_FIELD_KIND_UTF8;
  properties[1].value.value.bytes = bytes_of(name);
  const amqp_table_t table{static_cast<int>(properties.size()), properties.data()};
  const auto heartbeat = std::chrono::duration_cast<std::chrono::seconds>(settings.heartbeat).count();

  expect_login(amqp_login_with_properties(state(), settings.vhost.c_str(), 1, kFrameMaxBytes,
                                          static_cast<int>(heartbeat), &table, AMQP_SASL_METHOD_PLAIN,
                                          settings.user.c_str(), settings.password.c_str()),
               settings.user);
}

void Link::expect_login(const amqp_rpc_reply_t& reply, const std::string& user) {
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto& close = *static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
    if (close.reply_code == AMQP_ACCESS_REFUSED) {
      fail("log in",
           "the broker refuses the user `" + user + "` or its password (" + text_of(close.reply_text) + ")");
    }
  }
  expect_reply(reply, "log in");
}

void Link::expect(int status, std::string_view step) {
  if (status != AMQP_STATUS_OK) fail(step, amqp_error_string2(status));
}

void Link::expect_answer(std::string_view step) {
  expect_reply(amqp_get_rpc_reply(state()), step);
}

void Link::expect_reply(const amqp_rpc_reply_t& reply, std::string_view step) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) fail_closed(reply.reply, step);
  fail(step, amqp_error_string2(reply.library_error));
}

void Link::fail_closed(const amqp_method_t& close, std::string_view step) {
  int code = 0;
  std::string text;
  if (close.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto& method = *static_cast<const amqp_channel_close_t*>(close.decoded);
    code = method.reply_code;
    text = text_of(method.reply_text);
  } else if (close.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto& method = *static_cast<const amqp_connection_close_t*>(close.decoded);
    code = method.reply_code;
    text = text_of(method.reply_text);
    amqp_connection_close_ok_t answer{};
    amqp_send_method(state(), 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &answer);
  }
  std::string reason = "the broker says " + std::to_string(code) + " " + text;
  if (code == AMQP_PRECONDITION_FAILED && step.starts_with("declare")) {
    reason =
        "it exists with other arguments; empty and delete it, or go back to the settings it was made with: " +
        reason;
  }
  fail(step, reason);
}

void Link::fail(std::string_view step, std::string_view reason) {
  lost_ = true;
  throw TransientError("broker " + address_ + ": " + std::string(step) + ": " + std::string(reason));
}

}  // namespace comporta::amqp_detail
