#include <charconv>
#include <string>
#include <utility>

#include "common/base/text.h"
#include "common/broker/link.h"
#include "common/broker/lz4_frame.h"

namespace comporta::amqp_detail {
namespace {

/// RabbitMQ takes no larger message, and what was published was no larger either.
constexpr std::size_t kMaxBodyBytes = std::size_t{128} << 20;

template <typename Method>
const Method& decoded(const amqp_method_t& method) {
  return *static_cast<const Method*>(method.decoded);
}

std::uint64_t number_of(const amqp_field_value_t& value) {
  switch (value.kind) {
    case AMQP_FIELD_KIND_I64:
      return value.value.i64 < 0 ? 0 : static_cast<std::uint64_t>(value.value.i64);
    case AMQP_FIELD_KIND_I32:
      return value.value.i32 < 0 ? 0 : static_cast<std::uint64_t>(value.value.i32);
    case AMQP_FIELD_KIND_I16:
      return value.value.i16 < 0 ? 0 : static_cast<std::uint64_t>(value.value.i16);
    case AMQP_FIELD_KIND_U8:
      return value.value.u8;
    case AMQP_FIELD_KIND_UTF8: {
      const std::string text = text_of(value.value.bytes);
      std::uint64_t number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return number;
    }
    default:
      return 0;
  }
}

/// The number in that header; 0 if there is none.
std::uint64_t number_in(const amqp_basic_properties_t& properties, std::string_view header) {
  if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) == 0) return 0;
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    const amqp_table_entry_t& entry = properties.headers.entries[i];
    if (text_of(entry.key) == header) return number_of(entry.value);
  }
  return 0;
}

}  // namespace

std::optional<AmqpEvent> Inbox::receive(const amqp_frame_t& frame) {
  switch (frame.frame_type) {
    case AMQP_FRAME_METHOD:
      return receive_method(frame.payload.method);
    case AMQP_FRAME_HEADER:
      return receive_header(frame);
    case AMQP_FRAME_BODY:
      return receive_body(frame.payload.body_fragment);
    default:
      return std::nullopt;
  }
}

std::optional<AmqpEvent> Inbox::receive_method(const amqp_method_t& method) {
  switch (method.id) {
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto& deliver = decoded<amqp_basic_deliver_t>(method);
      Delivery delivery;
      delivery.tag = deliver.delivery_tag;
      delivery.redelivered = deliver.redelivered != 0;
      incoming_ = std::move(delivery);
      return std::nullopt;
    }
    case AMQP_BASIC_RETURN_METHOD:
      incoming_ =
          Returned{.message_id = {}, .reason = text_of(decoded<amqp_basic_return_t>(method).reply_text)};
      return std::nullopt;
    case AMQP_BASIC_ACK_METHOD: {
      const auto& ack = decoded<amqp_basic_ack_t>(method);
      return Confirm{.tag = ack.delivery_tag, .multiple = ack.multiple != 0, .accepted = true};
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& nack = decoded<amqp_basic_nack_t>(method);
      return Confirm{.tag = nack.delivery_tag, .multiple = nack.multiple != 0, .accepted = false};
    }
    case AMQP_QUEUE_DECLARE_OK_METHOD: {
      const auto& declared = decoded<amqp_queue_declare_ok_t>(method);
      return QueueDepth{.queue = text_of(declared.queue), .messages = declared.message_count};
    }
    case AMQP_CONNECTION_BLOCKED_METHOD:
    case AMQP_CONNECTION_UNBLOCKED_METHOD: {
      const bool blocked = method.id == AMQP_CONNECTION_BLOCKED_METHOD;
      link_.set_blocked(blocked);
      return Blocked{blocked};
    }
    case AMQP_BASIC_CONSUME_OK_METHOD:
      return Consuming{};
    case AMQP_BASIC_CANCEL_METHOD:
      link_.fail("consume", "the broker has ended the consumer: its queue is gone");
    case AMQP_CHANNEL_CLOSE_METHOD:
    case AMQP_CONNECTION_CLOSE_METHOD:
      link_.fail_closed(method, "read");
    default:
      return std::nullopt;  // such as basic.qos-ok
  }
}

std::optional<AmqpEvent> Inbox::receive_header(const amqp_frame_t& frame) {
  if (!incoming_) link_.fail("read", "a header without a message");
  const auto& properties = *static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded);
  missing_bytes_ = frame.payload.properties.body_size;
  const bool has_encoding = (properties._flags & AMQP_BASIC_CONTENT_ENCODING_FLAG) != 0;
  encoding_ = has_encoding ? text_of(properties.content_encoding) : std::string();
  const bool has_id = (properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0;
  std::string message_id = has_id ? text_of(properties.message_id) : std::string();
  if (auto* delivery = std::get_if<Delivery>(&*incoming_)) {
    delivery->message_id = std::move(message_id);
    if ((properties._flags & AMQP_BASIC_TYPE_FLAG) != 0) delivery->type = text_of(properties.type);
    // Quorum queues count the returns of a message.
    delivery->delivery_count = number_in(properties, "x-delivery-count");
    delivery->records = number_in(properties, "records");
    delivery->body.reserve(missing_bytes_);
  } else {
    std::get<Returned>(*incoming_).message_id = std::move(message_id);
  }
  return take_if_complete();
}

std::optional<AmqpEvent> Inbox::receive_body(amqp_bytes_t fragment) {
  if (!incoming_ || fragment.len > missing_bytes_) link_.fail("read", "a body that nobody announced");
  missing_bytes_ -= fragment.len;
  if (auto* delivery = std::get_if<Delivery>(&*incoming_)) {
    delivery->body.append(static_cast<const char*>(fragment.bytes), fragment.len);
  }
  return take_if_complete();
}

std::optional<AmqpEvent> Inbox::take_if_complete() {
  if (missing_bytes_ > 0) return std::nullopt;
  if (auto* delivery = std::get_if<Delivery>(&*incoming_)) decode(*delivery);
  return std::exchange(incoming_, std::nullopt);
}

void Inbox::decode(Delivery& delivery) const {
  if (encoding_.empty()) return;
  if (encoding_ != kLz4) {
    delivery.fault = "its content-encoding " + json_string(encoding_) + " is not known";
  } else if (auto text = text_of_lz4_frame(delivery.body, kMaxBodyBytes)) {
    delivery.body = std::move(*text);
  } else {
    delivery.fault = "its content-encoding is lz4, but its body is no whole LZ4 frame, or too large a one";
  }
}

}  // namespace comporta::amqp_detail
