#include "services/cache/upload_status.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

constexpr auto kUpload = "01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f";
constexpr auto kAnother = "01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e10";

using Batches = std::vector<std::optional<AppliedBatch>>;

AppliedBatch batch(std::vector<ParkedPart> parked = {}) {
  return {.applied_at = "2026-11-22T14:03:05.123Z", .parts = 1, .records = 1, .parked = std::move(parked)};
}

UploadState state(const UploadOutcome& outcome, const Batches& batches) {
  return state_of({kUpload, outcome, batches});
}

/// Of somebody; each part with ten records.
UploadOutcome of_ana(std::size_t parts, std::vector<std::size_t> applied) {
  UploadOutcome outcome{.principal = "member/ana", .parts = parts};
  for (const std::size_t part : applied) outcome.records_of[part] = 10;
  return outcome;
}

UploadOutcome refusing(UploadOutcome outcome, std::size_t refused, std::size_t more = 0) {
  for (std::size_t i = 0; i < refused; ++i) outcome.not_applied[i] = {"k", "refused", "why"};
  outcome.more = more;
  return outcome;
}

using enum UploadState;

TEST(UploadStatus, IsPendingUntilAllItsPartsAreSettled) {
  EXPECT_EQ(state({}, {std::nullopt}), kPending);
  EXPECT_EQ(state({}, {batch(), std::nullopt}), kPending);
  EXPECT_EQ(state({}, {batch(), batch()}), kApplied);
  EXPECT_EQ(state(of_ana(2, {1}), {}), kPending);
  EXPECT_EQ(state(of_ana(2, {2}), {std::nullopt}), kPending);
  EXPECT_EQ(state(of_ana(2, {1, 2}), {}), kApplied);
  EXPECT_EQ(state(of_ana(2, {1, 2}), {std::nullopt, std::nullopt}), kApplied) << "they are forgotten first";
  EXPECT_EQ(state(of_ana(2, {1}), {batch({{kUpload, 2, "why"}}), std::nullopt}), kPartly);
}

TEST(UploadStatus, OfNobodysUploadTheBatchesTell) {
  EXPECT_EQ(state(refusing({.parts = 3, .records_of = {{2, 10}}}, 1), {batch(), std::nullopt}), kPending);
  EXPECT_EQ(state(refusing({.parts = 3, .records_of = {{2, 10}}}, 1), {batch(), batch()}), kPartly);
  EXPECT_EQ(state(refusing({.parts = 3, .records_of = {{2, 10}}}, 10), {batch(), batch()}), kPartly);
  EXPECT_EQ(state({.is_marked = true}, {}), kApplied);
  EXPECT_EQ(state({.is_marked = true}, {std::nullopt}), kApplied) << "sent again, or its batch is forgotten";
  EXPECT_EQ(state({.is_marked = true}, {std::nullopt, std::nullopt}), kPending);
}

TEST(UploadStatus, IsRefusedIfNothingOfItWasTaken) {
  EXPECT_EQ(state(refusing(of_ana(1, {1}), 9), {}), kPartly);
  EXPECT_EQ(state(refusing(of_ana(1, {1}), 10), {}), kRefused);
  EXPECT_EQ(state(refusing(of_ana(1, {1}), 4, 6), {}), kRefused);
  EXPECT_EQ(state(refusing(of_ana(2, {1, 2}), 10), {}), kPartly);
  EXPECT_EQ(state(refusing({.parts = 1, .records_of = {{1, 1}}}, 1), {batch()}), kRefused);
}

TEST(UploadStatus, WhatCameLateWasNotRefused) {
  UploadOutcome late = of_ana(1, {1});
  late.not_applied[3] = {"k", "late", "there is a newer one"};
  EXPECT_EQ(state(late, {}), kApplied);
  EXPECT_EQ(state(refusing(late, 1), {}), kPartly);
}

TEST(UploadStatus, WhatWasKeptAsideIsNeverApplied) {
  const ParkedPart first{kUpload, 1, "why"};
  const ParkedPart second{kUpload, 2, "why"};
  EXPECT_EQ(state({}, {batch({first})}), kParked);
  EXPECT_EQ(state({}, {batch({first, second})}), kParked);
  EXPECT_EQ(state({}, {batch({second})}), kPartly) << "it has a first part";
  EXPECT_EQ(state({}, {batch({first}), batch()}), kPartly) << "something of it is in each of its batches";
  EXPECT_EQ(state(of_ana(2, {2}), {batch({first})}), kPartly);
  EXPECT_EQ(state({}, {batch({{kAnother, 1, "why"}})}), kApplied) << "another upload's";
}

TEST(UploadStatus, SaysWhatWasNotApplied) {
  UploadOutcome outcome = of_ana(2, {1});
  outcome.not_applied = {{10, {"k\"10", "late", ""}}, {9, {"k9", "refused", "it is somebody else's"}}};
  outcome.more = 5;
  EXPECT_EQ(upload_json({kUpload, outcome, {batch({{kUpload, 2, "an \"error\""}})}}),
            R"({"upload":"01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f","state":"partly","records":[)"
            R"({"index":9,"key":"k9","outcome":"refused","reason":"it is somebody else's"},)"
            R"({"index":10,"key":"k\"10","outcome":"late","reason":""}],"more":5,)"
            R"("parked":[{"part":2,"reason":"an \"error\""}]})");
  EXPECT_EQ(upload_json({kUpload, {}, {std::nullopt}}),
            R"({"upload":"01935c1e-7a2b-7c3d-8e4f-5a6b7c8d9e0f","state":"pending","records":[],"more":0})");
}

}  // namespace
}  // namespace comporta
