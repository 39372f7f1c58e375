#include "services/ingest-gateway/in_flight.h"

#include <utility>

namespace comporta::gateway {

const Flight& InFlight::add(std::uint64_t tag, Flight flight) {
  return flights_.insert_or_assign(tag, std::move(flight)).first->second;
}

void InFlight::note_returned(const std::string& batch) {
  for (auto& [tag, flight] : flights_) flight.returned |= flight.batch.id == batch;
}

std::vector<Flight> InFlight::land(const Confirm& confirm) {
  const auto end = flights_.upper_bound(confirm.tag);
  const auto begin = confirm.multiple ? flights_.begin() : flights_.lower_bound(confirm.tag);
  std::vector<Flight> landed;
  for (auto flight = begin; flight != end; ++flight) landed.push_back(std::move(flight->second));
  flights_.erase(begin, end);
  return landed;
}

std::vector<Batch> InFlight::take_all() {
  std::vector<Batch> batches;
  batches.reserve(flights_.size());
  for (auto& [tag, flight] : flights_) batches.push_back(std::move(flight.batch));
  flights_.clear();
  return batches;
}

}  // namespace comporta::gateway
