#include "common/broker/taking.h"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace comporta {

void PrintTo(const Taking& taking, std::ostream* out) {
  *out << "state " << static_cast<int>(taking.state) << ", " << taking.harmless << " of " << taking.wanted;
}

namespace {

using enum TakingState;
using enum TakingEvent;

constexpr std::uint16_t kPrefetch = 3;

struct Row {
  Taking before;
  TakingEvent event;
  Taking then;
};

// States × events, each line once for every case of it.
const std::vector<Row> kTable = {
    {{kAlone, 0, 1}, kHarmless, {kLastAlone, 1, 1}},
    {{kAlone, 0, 3}, kHarmless, {kAlone, 1, 3}},
    {{kAlone, 2, 3}, kHarmless, {kLastAlone, 3, 3}},
    {{kAlone, 2, 3}, kSuspect, {kAlone, 0, 3}},
    {{kAlone, 2, 3}, kUnfit, {kAlone, 2, 3}},
    {{kAlone, 2, 3}, kLost, {kAlone, 0, 3}},
    {{kAlone, 2, 3}, kStop, {kDraining, 2, 3}},
    {{kLastAlone, 3, 3}, kHarmless, {kLastAlone, 3, 3}},
    {{kLastAlone, 3, 3}, kSuspect, {kAlone, 0, 3}},
    {{kLastAlone, 3, 3}, kUnfit, {kLastAlone, 3, 3}},
    {{kLastAlone, 3, 3}, kTakesMany, {kMany, 3, 3}},
    {{kLastAlone, 3, 3}, kLost, {kAlone, 0, 3}},
    {{kLastAlone, 3, 3}, kStop, {kDraining, 3, 3}},
    {{kMany, 1, 1}, kHarmless, {kMany, 1, 1}},
    {{kMany, 1, 1}, kSuspect, {kGivingBack, 1, 1}},
    {{kMany, 1, 1}, kUnfit, {kMany, 1, 1}},
    {{kMany, 1, 1}, kLost, {kMany, 1, 1}},
    {{kMany, 1, 1}, kStop, {kDraining, 1, 1}},
    {{kGivingBack, 1, 1}, kHarmless, {kGivingBack, 1, 1}},
    {{kGivingBack, 1, 1}, kSuspect, {kGivingBack, 1, 1}},
    {{kGivingBack, 1, 1}, kUnfit, {kGivingBack, 1, 1}},
    {{kGivingBack, 1, 1}, kLost, {kAlone, 0, kPrefetch}},
    {{kGivingBack, 1, 1}, kStop, {kDraining, 1, 1}},
    {{kDraining, 1, 1}, kHarmless, {kDraining, 1, 1}},
    {{kDraining, 1, 1}, kSuspect, {kDraining, 1, 1}},
    {{kDraining, 1, 1}, kUnfit, {kDraining, 1, 1}},
    {{kDraining, 1, 1}, kLost, {kDraining, 1, 1}},
    {{kDraining, 1, 1}, kStop, {kDraining, 1, 1}},
};

TEST(Taking, GoesFromStateToStateByItsTable) {
  for (const Row& row : kTable) {
    SCOPED_TRACE(testing::Message() << testing::PrintToString(row.before) << ", event "
                                    << static_cast<int>(row.event));
    EXPECT_EQ(after(row.before, row.event, kPrefetch), row.then);
  }
}

TEST(Taking, ASuspectAmongManyIsLeftAndSoIsAllThatComesBehindIt) {
  for (const auto& [state, harmless, suspect, unfit] : std::vector<std::tuple<TakingState, Fate, Fate, Fate>>{
           {kAlone, Fate::kHand, Fate::kHand, Fate::kPark},
           {kLastAlone, Fate::kHand, Fate::kHand, Fate::kPark},
           {kMany, Fate::kHand, Fate::kLeave, Fate::kPark},
           {kGivingBack, Fate::kLeave, Fate::kLeave, Fate::kLeave},
           {kDraining, Fate::kLeave, Fate::kLeave, Fate::kLeave}}) {
    SCOPED_TRACE(static_cast<int>(state));
    EXPECT_EQ(fate_of({.state = state}, kHarmless), harmless);
    EXPECT_EQ(fate_of({.state = state}, kSuspect), suspect);
    EXPECT_EQ(fate_of({.state = state}, kUnfit), unfit);
  }
}

TEST(Taking, TheBrokerSendsOneAheadUntilManyAreTaken) {
  EXPECT_EQ(prefetch_of({.state = kAlone}, 32), 1);
  EXPECT_EQ(prefetch_of({.state = kLastAlone}, 32), 1);
  EXPECT_EQ(prefetch_of({.state = kMany}, 32), 32);
}

}  // namespace
}  // namespace comporta
