#include "common/broker/connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <random>

#include "common/base/error.h"
#include "common/broker/link.h"
#include "common/broker/lz4_frame.h"
#include "common/config/addresses.h"

namespace comporta {
namespace {

using amqp_detail::bytes_of;
using amqp_detail::kChannel;

constexpr std::string_view kConsumerTag = "comporta";

/// What costs the broker by the message and not by the byte is left as it is.
constexpr std::size_t kLeastCompressed = 4'096;

std::vector<amqp_table_entry_t> entries_of(const Publication& publication) {
  std::vector<amqp_table_entry_t> entries;
  for (const auto& [key, value] : publication.headers) {
    amqp_table_entry_t& entry = entries.emplace_back();
    entry.key = bytes_of(key);
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = bytes_of(value);
  }
  return entries;
}

amqp_basic_properties_t properties_of(const Publication& publication,
                                      std::vector<amqp_table_entry_t>& headers) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                      AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG |
                      AMQP_BASIC_APP_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
  properties.content_type = bytes_of(publication.content_type);
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  properties.message_id = bytes_of(publication.message_id);
  properties.timestamp = static_cast<std::uint64_t>(std::time(nullptr));
  properties.type = bytes_of(publication.type);
  properties.app_id = bytes_of("comporta");
  properties.headers = {static_cast<int>(headers.size()), headers.data()};
  return properties;
}

/// The body's LZ4 frame; empty where it would save nothing.
std::string frame_of(const Publication& publication) {
  if (!publication.compressed || publication.body.size() < kLeastCompressed) return {};
  std::string frame = lz4_frame_of(publication.body);
  return frame.size() < publication.body.size() ? frame : std::string();
}

}  // namespace

struct AmqpConnection::Impl {
  Impl(const Address& address, const BrokerSettings& settings, const std::string& name)
      : link(address, settings, name), inbox(link) {
    amqp_detail::declare_topology(link, settings);
  }

  amqp_detail::Link link;
  amqp_detail::Inbox inbox;
  std::uint64_t next_tag = 0;  ///< 0: no confirms
};

AmqpConnection::AmqpConnection(const BrokerSettings& settings, const std::string& name) {
  std::vector<Address> addresses = parse_addresses(settings.host, settings.port);
  std::ranges::shuffle(addresses, std::minstd_rand(std::random_device{}()));
  std::string failures;
  for (const Address& address : addresses) {
    try {
      impl_ = std::make_unique<Impl>(address, settings, name);
      return;
    } catch (const TransientError& error) {
      failures.append(failures.empty() ? "" : "; ").append(error.what());
    }
  }
  throw TransientError(failures);
}

AmqpConnection::~AmqpConnection() = default;

void AmqpConnection::enable_confirms() {
  const auto sending = impl_->link.sending();
  amqp_confirm_select(impl_->link.state(), kChannel);
  impl_->link.expect_answer("enable confirms");
  impl_->next_tag = 1;
}

std::uint64_t AmqpConnection::publish(const Publication& publication) {
  check(impl_->next_tag > 0, "confirms are enabled before anything is published");
  std::vector<amqp_table_entry_t> headers = entries_of(publication);
  amqp_basic_properties_t properties = properties_of(publication, headers);
  const std::string frame = frame_of(publication);
  const auto sending = impl_->link.sending();
  if (!frame.empty()) {
    properties._flags |= AMQP_BASIC_CONTENT_ENCODING_FLAG;
    properties.content_encoding = bytes_of(amqp_detail::kLz4);
  }
  impl_->link.expect(amqp_basic_publish(impl_->link.state(), kChannel, bytes_of(publication.exchange),
                                        bytes_of(publication.routing_key), /*mandatory=*/1, /*immediate=*/0,
                                        &properties, bytes_of(frame.empty() ? publication.body : frame)),
                     "publish");
  return impl_->next_tag++;
}

void AmqpConnection::request_depth(const std::string& queue) {
  const auto sending = impl_->link.sending();
  amqp_queue_declare_t request{};
  request.queue = bytes_of(queue);
  request.passive = 1;
  impl_->link.expect(amqp_send_method(impl_->link.state(), kChannel, AMQP_QUEUE_DECLARE_METHOD, &request),
                     "ask for the depth of " + queue);
}

void AmqpConnection::consume(const std::string& queue, std::uint16_t prefetch) {
  const auto sending = impl_->link.sending();
  amqp_basic_qos_t limit{};
  limit.prefetch_count = prefetch;
  impl_->link.expect(amqp_send_method(impl_->link.state(), kChannel, AMQP_BASIC_QOS_METHOD, &limit),
                     "set the prefetch");
  amqp_basic_consume_t request{};
  request.queue = bytes_of(queue);
  request.consumer_tag = bytes_of(kConsumerTag);
  impl_->link.expect(amqp_send_method(impl_->link.state(), kChannel, AMQP_BASIC_CONSUME_METHOD, &request),
                     "consume from " + queue);
}

void AmqpConnection::stop_consuming() {
  const auto sending = impl_->link.sending();
  amqp_basic_cancel_t request{};
  request.consumer_tag = bytes_of(kConsumerTag);
  impl_->link.expect(amqp_send_method(impl_->link.state(), kChannel, AMQP_BASIC_CANCEL_METHOD, &request),
                     "stop consuming");
}

void AmqpConnection::ack(std::uint64_t tag, bool multiple) {
  const auto sending = impl_->link.sending();
  impl_->link.expect(amqp_basic_ack(impl_->link.state(), kChannel, tag, multiple ? 1 : 0), "acknowledge");
}

std::optional<AmqpEvent> AmqpConnection::next() {
  for (;;) {
    amqp_maybe_release_buffers(impl_->link.state());  // what frames are decoded into only grows otherwise
    amqp_frame_t frame;
    const timeval at_once{};
    const int status = amqp_simple_wait_frame_noblock(impl_->link.state(), &frame, &at_once);
    if (status == AMQP_STATUS_TIMEOUT) return std::nullopt;
    impl_->link.expect(status, "read");
    if (auto event = impl_->inbox.receive(frame)) return event;
  }
}

void AmqpConnection::wait(int other_fd, std::chrono::microseconds limit) {
  const amqp_connection_state_t state = impl_->link.state();
  if (amqp_frames_enqueued(state) != 0 || amqp_data_in_buffer(state) != 0) return;
  std::array<pollfd, 2> fds{pollfd{fd(), POLLIN, 0}, pollfd{other_fd, POLLIN, 0}};  // poll ignores -1
  const timespec time{.tv_sec = limit.count() / 1'000'000, .tv_nsec = limit.count() % 1'000'000 * 1'000};
  ::ppoll(fds.data(), fds.size(), &time, nullptr);
}

const std::string& AmqpConnection::address() const {
  return impl_->link.address();
}

int AmqpConnection::fd() const {
  return impl_->link.fd();
}

void AmqpConnection::abort() {
  impl_->link.shut_down();
}

void AmqpConnection::watch(std::chrono::milliseconds limit) {
  impl_->link.shut_down_if_stuck(limit);
}

}  // namespace comporta
