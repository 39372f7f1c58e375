#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/broker/link.h"

namespace comporta {

Topology::Topology(const std::string& prefix)
    : records_exchange(prefix + ".records"),
      dead_exchange(prefix + ".dead"),
      storage_queue(prefix + ".storage"),
      cache_queue(prefix + ".cache") {}

std::string dead_queue_of(const std::string& source) {
  return source + ".dead";
}

namespace amqp_detail {
namespace {

// Dead queues never give up a message, but RabbitMQ 4 has a limit of 20 unless told otherwise, and takes
// -1 for none where 3.10 does not.
constexpr std::int64_t kNoDeliveryLimit = std::numeric_limits<std::int32_t>::max();

/// The arguments of a declaration. Refers to the texts given to it.
class Arguments {
 public:
  void add(const char* key, std::string_view text) {
    amqp_table_entry_t& entry = add(key, AMQP_FIELD_KIND_UTF8);
    entry.value.value.bytes = bytes_of(text);
  }
  void add(const char* key, std::int64_t number) {
    amqp_table_entry_t& entry = add(key, AMQP_FIELD_KIND_I64);
    entry.value.value.i64 = number;
  }
  void add_true(const char* key) {
    amqp_table_entry_t& entry = add(key, AMQP_FIELD_KIND_BOOLEAN);
    entry.value.value.boolean = 1;
  }
  amqp_table_t table() { return {static_cast<int>(entries_.size()), entries_.data()}; }

 private:
  amqp_table_entry_t& add(const char* key, amqp_field_value_kind_t kind) {
    amqp_table_entry_t& entry = entries_.emplace_back();
    entry.key = amqp_cstring_bytes(key);
    entry.value.kind = static_cast<std::uint8_t>(kind);
    return entry;
  }

  std::vector<amqp_table_entry_t> entries_;
};

void declare_exchange(Link& link, const std::string& name, std::string_view type) {
  amqp_exchange_declare(link.state(), kChannel, bytes_of(name), bytes_of(type), /*passive=*/0, /*durable=*/1,
                        /*auto_delete=*/0, /*internal=*/0, amqp_empty_table);
  link.expect_answer("declare exchange " + name);
}

void declare_queue(Link& link, const std::string& name, Arguments& arguments) {
  amqp_queue_declare(link.state(), kChannel, bytes_of(name), /*passive=*/0, /*durable=*/1, /*exclusive=*/0,
                     /*auto_delete=*/0, arguments.table());
  link.expect_answer("declare queue " + name);
}

void bind_queue(Link& link, const std::string& queue, const std::string& exchange, const std::string& key) {
  amqp_queue_bind(link.state(), kChannel, bytes_of(queue), bytes_of(exchange), bytes_of(key),
                  amqp_empty_table);
  link.expect_answer("bind queue " + queue);
}

void declare_dead_queue(Link& link, const BrokerSettings& settings, const Topology& topology,
                        const std::string& source) {
  const std::string name = dead_queue_of(source);
  Arguments arguments;
  arguments.add("x-queue-type", settings.queue_type);
  if (settings.queue_type == "quorum") arguments.add("x-delivery-limit", kNoDeliveryLimit);
  declare_queue(link, name, arguments);
  bind_queue(link, name, topology.dead_exchange, source);
}

void declare_work_queue(Link& link, const BrokerSettings& settings, const Topology& topology,
                        const std::string& name) {
  Arguments arguments;
  arguments.add("x-queue-type", settings.queue_type);
  arguments.add("x-max-length-bytes", static_cast<std::int64_t>(settings.queue_max_bytes));
  arguments.add("x-overflow", "reject-publish");
  if (name == topology.cache_queue) arguments.add_true("x-single-active-consumer");
  if (settings.queue_type == "quorum") {
    arguments.add("x-delivery-limit", std::int64_t{settings.delivery_limit});
    arguments.add("x-dead-letter-exchange", topology.dead_exchange);
    arguments.add("x-dead-letter-routing-key", name);
    arguments.add("x-dead-letter-strategy", "at-least-once");  // needs reject-publish
  }
  declare_queue(link, name, arguments);
  bind_queue(link, name, topology.records_exchange, "");
}

}  // namespace

void declare_topology(Link& link, const BrokerSettings& settings) {
  const Topology topology(settings.prefix);
  declare_exchange(link, topology.records_exchange, "fanout");
  declare_exchange(link, topology.dead_exchange, "direct");
  for (const std::string& queue : {topology.storage_queue, topology.cache_queue}) {
    declare_dead_queue(link, settings, topology, queue);
    declare_work_queue(link, settings, topology, queue);
  }
}

}  // namespace amqp_detail
}  // namespace comporta
