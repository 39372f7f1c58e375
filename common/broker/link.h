#pragma once
// What the amqp*.cpp files share: an open librabbitmq connection, and its errors translated. Included
// nowhere else, so that librabbitmq stays behind connection.h.

#include <amqp.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/broker/connection.h"
#include "common/config/addresses.h"

namespace comporta::amqp_detail {

/// The one channel that a connection uses.
inline constexpr amqp_channel_t kChannel = 1;

/// The content-encoding of a body that is an LZ4 frame.
inline constexpr std::string_view kLz4 = "lz4";

/// Borrowed: `text` must outlive the call it is passed to.
inline amqp_bytes_t bytes_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};  // librabbitmq takes what it only reads as void*
}
inline std::string text_of(amqp_bytes_t bytes) {
  return bytes.len == 0 ? std::string() : std::string(static_cast<const char*>(bytes.bytes), bytes.len);
}

/// A file descriptor of our own.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Since when a call that may be held up has been going on, for other threads to see.
class Busy {
 public:
  explicit Busy(std::atomic<std::int64_t>& since) : since_(since) {
    since_ = std::chrono::steady_clock::now().time_since_epoch().count();
  }
  ~Busy() { since_ = 0; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic<std::int64_t>& since_;
};

/// A logged-in connection with its channel open. Every error is a TransientError that names the broker and
/// the step; never the password.
class Link {
 public:
  Link(const Address& address, const BrokerSettings& settings, const std::string& name);
  /// Says goodbye and waits (a second at most) for the broker's answer, so that the acknowledgements sent
  /// before are known to have arrived; not when the connection is lost already.
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  amqp_connection_state_t state() const { return state_.get(); }
  int fd() const { return fd_.get(); }
  const std::string& address() const { return address_; }
  /// Any thread: what is blocked on the socket fails soon.
  void shut_down();
  /// While it lives, a call that sends is going on: librabbitmq waits for a broker that reads without a
  /// limit.
  Busy sending() { return Busy(sending_since_); }
  /// Any thread: shuts it down if one call has been sending for that long.
  void shut_down_if_stuck(std::chrono::milliseconds limit);
  void set_blocked(bool blocked) { blocked_ = blocked; }

  /// Throws unless `status` is good.
  void expect(int status, std::string_view step);
  /// Throws unless the broker has said yes to the last call that waits for its answer.
  void expect_answer(std::string_view step);
  /// Throws with what the broker says in its channel.close or connection.close.
  [[noreturn]] void fail_closed(const amqp_method_t& close, std::string_view step);
  [[noreturn]] void fail(std::string_view step, std::string_view reason);

 private:
  using State =
      std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, decltype(&amqp_destroy_connection)>;

  /// The broker has room for more of what is sent.
  bool reads() const;
  int open_socket(const Address& address, std::chrono::milliseconds connect_timeout);
  void log_in(const BrokerSettings& settings, const std::string& name);
  void expect_login(const amqp_rpc_reply_t& reply, const std::string& user);
  void expect_reply(const amqp_rpc_reply_t& reply, std::string_view step);

  std::string address_;  ///< `host:port`
  State state_;
  Descriptor
      fd_;  ///< a duplicate: librabbitmq closes its own on some errors, and the number may be another's then
  std::atomic<std::int64_t> sending_since_{0};  ///< of the steady clock; 0: not sending
  bool lost_ = false;
  bool blocked_ = false;
};

/// Makes events of the frames that come in.
class Inbox {
 public:
  explicit Inbox(Link& link) : link_(link) {}
  /// The event that `frame` completes, if it does.
  std::optional<AmqpEvent> receive(const amqp_frame_t& frame);

 private:
  std::optional<AmqpEvent> receive_method(const amqp_method_t& method);
  std::optional<AmqpEvent> receive_header(const amqp_frame_t& frame);
  std::optional<AmqpEvent> receive_body(amqp_bytes_t fragment);
  std::optional<AmqpEvent> take_if_complete();
  void decode(Delivery& delivery) const;

  Link& link_;
  // A message comes as a method, a header, and body frames until it is complete. Put together here, as
  // amqp_read_message() would wait for the rest without a limit.
  std::optional<AmqpEvent> incoming_;  ///< a Delivery or a Returned
  std::string encoding_;               ///< of its body
  std::uint64_t missing_bytes_ = 0;
};

/// Declares and binds all that docs/ARCHITECTURE.md, "The broker's objects" lists.
void declare_topology(Link& link, const BrokerSettings& settings);

}  // namespace comporta::amqp_detail
