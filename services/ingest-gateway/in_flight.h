#pragma once
// What has been published on a connection and not been confirmed yet, by the tags of its confirms.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/broker/connection.h"
#include "services/ingest-gateway/batcher.h"

namespace comporta::gateway {

/// A batch on its way.
struct Flight {
  Batch batch;
  std::chrono::steady_clock::time_point published;
  bool returned = false;  ///< no queue took it, whatever its confirm says
};

/// Pure: one thread, no clock of its own.
class InFlight {
 public:
  /// The flight stays where it is until it lands.
  const Flight& add(std::uint64_t tag, Flight flight);
  /// The broker has returned the message of that batch id.
  void note_returned(const std::string& batch);
  /// Takes out what the confirm is about, and nothing else, in the order of publishing.
  std::vector<Flight> land(const Confirm& confirm);
  /// Takes out all batches, in the order of publishing: their connection is lost.
  std::vector<Batch> take_all();

  std::size_t size() const { return flights_.size(); }

 private:
  std::map<std::uint64_t, Flight> flights_;
};

}  // namespace comporta::gateway
