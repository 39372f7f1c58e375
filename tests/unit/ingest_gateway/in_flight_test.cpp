#include "services/ingest-gateway/in_flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comporta::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InFlightTest : public testing::Test {
 protected:
  InFlightTest() {
    for (std::uint64_t tag = 1; tag <= 5; ++tag) publish(tag, "batch " + std::to_string(tag));
  }
  void publish(std::uint64_t tag, const std::string& id) {
    in_flight.add(tag, {.batch = {.id = id, .kind = {}, .body = {}, .uploads = {}}, .published = {}});
  }
  std::vector<std::string> land(const Confirm& confirm) {
    std::vector<std::string> ids;
    for (const Flight& flight : in_flight.land(confirm)) ids.push_back(flight.batch.id);
    return ids;
  }
  std::vector<std::string> rest() {
    std::vector<std::string> ids;
    for (const Batch& batch : in_flight.take_all()) ids.push_back(batch.id);
    return ids;
  }

  InFlight in_flight;
};

TEST_F(InFlightTest, AConfirmOfOneIsOfThatOneAlone) {
  EXPECT_THAT(land({.tag = 3, .multiple = false, .accepted = true}), ElementsAre("batch 3"));
  EXPECT_THAT(rest(), ElementsAre("batch 1", "batch 2", "batch 4", "batch 5"));
}

TEST_F(InFlightTest, AConfirmOfSeveralIsOfAllUpToIt) {
  EXPECT_THAT(land({.tag = 3, .multiple = true, .accepted = true}),
              ElementsAre("batch 1", "batch 2", "batch 3"));
  EXPECT_THAT(rest(), ElementsAre("batch 4", "batch 5"));
}

TEST_F(InFlightTest, WhatHasLandedDoesNotLandAgain) {
  land({.tag = 3, .multiple = false, .accepted = true});
  EXPECT_THAT(land({.tag = 3, .multiple = false, .accepted = true}), IsEmpty());
  EXPECT_THAT(land({.tag = 4, .multiple = true, .accepted = true}),
              ElementsAre("batch 1", "batch 2", "batch 4"));
  EXPECT_THAT(land({.tag = 4, .multiple = true, .accepted = true}), IsEmpty());
  EXPECT_EQ(in_flight.size(), 1U);
}

TEST_F(InFlightTest, AConfirmOfWhatWasNeverPublishedIsOfNothing) {
  EXPECT_THAT(land({.tag = 6, .multiple = false, .accepted = true}), IsEmpty());
  EXPECT_EQ(in_flight.size(), 5U);
}

TEST_F(InFlightTest, AReturnedBatchIsNotedAndNoOther) {
  in_flight.note_returned("batch 2");
  in_flight.note_returned("a batch of another");
  for (const Flight& flight : in_flight.land({.tag = 5, .multiple = true, .accepted = true}))
    EXPECT_EQ(flight.returned, flight.batch.id == "batch 2") << flight.batch.id;
}

TEST_F(InFlightTest, AllThatIsTakenIsGone) {
  EXPECT_THAT(rest(), ElementsAre("batch 1", "batch 2", "batch 3", "batch 4", "batch 5"));
  EXPECT_THAT(rest(), IsEmpty());
  publish(1, "of the next connection");
  EXPECT_THAT(land({.tag = 5, .multiple = true, .accepted = true}), ElementsAre("of the next connection"));
}

}  // namespace
}  // namespace comporta::gateway
