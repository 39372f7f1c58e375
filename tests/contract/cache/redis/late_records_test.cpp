// Whatever the order in which parts are applied, the end is that of the order in which they arrived.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <tuple>

#include "tests/contract/cache/redis/note_store.h"

namespace comporta {
namespace {

using std::chrono::milliseconds;

/// One record of a history, and where it stands in the order of all.
struct Note {
  std::string key;
  int say = 0;
  std::string needs = {};
  std::int64_t when = 0;  ///< ms; 0: not said
  bool deleted = false;
};

struct NotePart {
  std::string upload;
  std::size_t part = 1;
  std::int64_t arrival = 0;
  std::vector<Note> notes;  ///< all deleted, or none
};

std::string time_text(std::int64_t ms) {
  return rfc3339(WallClock::time_point(milliseconds(ms)));
}

std::string json_of(const Note& note) {
  std::string text = R"({"id":")" + note.key + "\"";
  if (note.deleted) return text + "}";
  text += ",\"say\":" + std::to_string(note.say);
  if (!note.needs.empty()) text += R"(,"needs":")" + note.needs + "\"";
  if (note.when != 0) text += R"(,"when":")" + time_text(note.when) + "\"";
  return text + "}";
}

SampleBatch batch_of(const NotePart& part) {
  std::string records;
  for (const Note& note : part.notes) records += (records.empty() ? "" : ",") + json_of(note);
  return {.parts = {{.upload = part.upload,
                     .part = part.part,
                     .records = records,
                     .action = part.notes.front().deleted ? "delete" : "",
                     .received = time_text(part.arrival)}}};
}

class Histories {
 public:
  Histories(unsigned seed, std::int64_t base) : random_(seed), base_(base) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  /// Of three keys, all within some milliseconds, so that many arrive at the same moment.
  std::vector<NotePart> draw(const NoteKind& kind, const std::string& name) {
    std::vector<NotePart> parts;
    while (parts.size() < 12) {
      const std::string upload = new_uuid_v7();
      const std::int64_t arrival = base_ + below(8);
      for (std::size_t part = 1; part <= 1 + below(3); ++part)
        parts.push_back({upload, part, arrival, draw_notes(kind, name, arrival)});
    }
    return parts;
  }

  template <typename Items>
  void shuffle(Items& items) {
    std::shuffle(items.begin(), items.end(), random_);
  }

 private:
  std::vector<Note> draw_notes(const NoteKind& kind, const std::string& name, std::int64_t arrival) {
    const bool deleted = below(4) == 0;
    std::vector<Note> notes(1 + below(3));
    for (Note& note : notes) {
      note = {.key = name + "-" + std::string(1, static_cast<char>('a' + below(3))),
              .say = 20 + static_cast<int>(below(100)),
              .deleted = deleted};
      if (!kind.compares && below(3) == 0) note.needs = "tag/" + name + "-tag" + std::to_string(below(2));
      if (kind.dated && below(3) > 0) note.when = arrival - 4 + below(6);
    }
    return notes;
  }

  std::mt19937 random_;
  std::int64_t base_;
};

using Order = std::tuple<std::int64_t, std::int64_t, std::string, std::size_t, std::size_t>;

/// The newest of each key, by the rule of docs/KINDS.md.
std::map<std::string, Note> newest(const NoteKind& kind, const std::vector<NotePart>& parts) {
  std::map<std::string, std::pair<Order, Note>> found;
  for (const NotePart& part : parts)
    for (std::size_t i = 0; i < part.notes.size(); ++i) {
      const Note& note = part.notes[i];
      const bool by_own_time = kind.ordered && note.when != 0 && !note.deleted;
      const Order order{by_own_time ? std::min(note.when, part.arrival) : part.arrival, part.arrival,
                        part.upload, part.part, i};
      const auto [at, is_first] = found.try_emplace(note.key, order, note);
      if (!is_first && at->second.first < order) at->second = {order, note};
    }
  std::map<std::string, Note> notes;
  for (const auto& [key, entry] : found) notes[key] = entry.second;
  return notes;
}

std::string expected_value(const Note& note) {
  if (note.deleted) return "nothing";
  return "{\"say\":" + std::to_string(note.say) +
         (note.needs.empty() ? "" : R"(,"needs":")" + note.needs + "\"") + "}";
}

unsigned seed() {
  const char* given = std::getenv("COMPORTA_SEED");
  return given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
}

class LateRecords : public ::testing::TestWithParam<NoteKind> {
 protected:
  /// Tags come somewhere among the others.
  void apply_in_random_groups(std::vector<NotePart> parts, const std::string& name) {
    std::vector<std::pair<std::string, SampleBatch>> batches;
    for (const NotePart& part : parts) batches.emplace_back(GetParam().name, batch_of(part));
    for (const char* tag : {"-tag0", "-tag1"})
      batches.emplace_back("tag", SampleBatch{.parts = {{.records = R"({"id":")" + name + tag + R"("})"}}});
    for (std::size_t i = 0; i < 4; ++i) batches.push_back(batches[histories_.below(10)]);
    histories_.shuffle(batches);
    for (std::size_t first = 0; first < batches.size();) {
      std::vector<SampleBatch> group;
      const std::string kind = batches[first].first;
      for (unsigned size = 1 + histories_.below(4); size > 0 && first < batches.size(); --size, ++first) {
        if (batches[first].first != kind) break;
        group.push_back(batches[first].second);
      }
      notes_.apply(kind, group);
    }
    notes_.wake_all();
  }

  void expect_newest(const std::vector<NotePart>& parts, const std::string& name) {
    int sum = 0;
    for (const auto& [key, note] : newest(GetParam(), parts)) {
      EXPECT_EQ(notes_.value_of(GetParam().name, key), expected_value(note)) << key;
      if (!note.deleted) sum += note.say;
    }
    if (GetParam().compares) return;
    EXPECT_EQ(notes_.ask(GetParam().name, "sum", R"({"group":")" + name + R"("})"),
              "{\"sum\":" + std::to_string(sum) + "}");
  }

  const unsigned seed_ = seed();
  const std::int64_t now_ = std::chrono::floor<milliseconds>(WallClock::now().time_since_epoch()).count();
  Histories histories_{seed_, now_};
  NoteStore notes_;
};

TEST_P(LateRecords, EndAsInTheOrderOfArrival) {
  SCOPED_TRACE("COMPORTA_SEED=" + std::to_string(seed_));
  for (int i = 0; i < 40 && !HasFailure(); ++i) {
    const std::string name = "h" + std::to_string(i);
    const std::vector<NotePart> parts = histories_.draw(GetParam(), name);
    apply_in_random_groups(parts, name);
    expect_newest(parts, name);
    EXPECT_EQ(notes_.ask(GetParam().name, "refused", R"({"limit":10})"),
              R"({"kind":")" + GetParam().name + R"(","records":[]})");
  }
}

/// What the histories rest on, one rule each.
class LateRules : public ::testing::Test {
 protected:
  void apply(const std::string& kind, const NotePart& part) { notes_.apply(kind, {batch_of(part)}); }
  void apply(const std::string& kind, int after, const std::vector<Note>& parts) {
    apply(kind, {new_uuid_v7(), 1, now_ + after, parts});
  }
  std::string value_of(const std::string& kind) { return notes_.value_of(kind, "n-a"); }
  std::int64_t seconds_to_live(const std::string& kind) {
    return notes_.redis().ask({"TTL", notes_.redis().prefix() + ":record:" + kind + ":n-a"}).number();
  }

  const std::int64_t now_ = std::chrono::floor<milliseconds>(WallClock::now().time_since_epoch()).count();
  NoteStore notes_;
};

TEST_F(LateRules, ANewerVersionThatWaitsIsNotThrownOut) {
  for (const std::string kind : {"ordered", "commutative"}) {
    apply(kind, 2, {{"n-a", 20, "tag/" + kind}});
    apply(kind, 1, {{"n-a", 10}});
    EXPECT_EQ(value_of(kind), R"({"say":10})") << "until then it is the one before";
    apply(kind, 1, {{"n-a", 11, "tag/never"}});
    notes_.apply("tag", {{.parts = {{.records = R"({"id":")" + kind + "\"}"}}}});
    EXPECT_EQ(value_of(kind), R"({"say":20,"needs":"tag/)" + kind + R"("})");
    EXPECT_EQ(notes_.ask(kind, "sum", R"({"group":"n"})"), R"({"sum":20})");
  }
}

TEST_F(LateRules, ADeletionThatIsLateRemovesNothing) {
  for (const NoteKind& kind : note_kinds()) {
    apply(kind.name, 2, {{"n-a", 20}});
    apply(kind.name, 1, {{"n-a", 0, {}, 0, true}});
    EXPECT_EQ(value_of(kind.name), R"({"say":20})") << kind.name;
    apply(kind.name, 3, {{"n-a", 0, {}, 0, true}});
    EXPECT_EQ(value_of(kind.name), "nothing") << kind.name;
  }
}

TEST_F(LateRules, ADeletionThatComesFirstIsRememberedForAMonth) {
  for (const NoteKind& kind : note_kinds()) {
    apply(kind.name, 2, {{"n-a", 0, {}, 0, true}});
    apply(kind.name, 1, {{"n-a", 10}});
    EXPECT_EQ(value_of(kind.name), "nothing") << kind.name;
    EXPECT_GT(seconds_to_live(kind.name), 30 * 86'400 - 60);
    EXPECT_LE(seconds_to_live(kind.name), 30 * 86'400);
    apply(kind.name, 3, {{"n-a", 30}});
    EXPECT_EQ(value_of(kind.name), R"({"say":30})") << kind.name;
    EXPECT_EQ(seconds_to_live(kind.name), -1);
  }
}

TEST_F(LateRules, OfAKeyThatComesTwiceInOneUploadTheLastStands) {
  const std::string upload = new_uuid_v7();
  for (const NoteKind& kind : note_kinds()) {
    apply(kind.name, {upload, 10, now_, {{"n-a", 20}, {"n-a", 21}}});
    EXPECT_EQ(value_of(kind.name), R"({"say":21})") << kind.name;
    apply(kind.name, {upload, 9, now_, {{"n-a", 19}}});
    EXPECT_EQ(value_of(kind.name), R"({"say":21})") << kind.name;
    apply(kind.name, {upload, 11, now_, {{"n-a", 22}}});
    EXPECT_EQ(value_of(kind.name), R"({"say":22})") << kind.name;
  }
}

TEST_F(LateRules, WhatAViewLeavesOutIsSaidToBeLate) {
  apply("ordered", 2, {{"n-a", 20}});
  apply("ordered", 1, {{"n-a", 10}});
  EXPECT_THAT(notes_.ask("ordered", "recent", R"({"limit":10})"),
              ::testing::HasSubstr(R"("outcome":"late")"));
  EXPECT_EQ(notes_.ask("ordered", "changes", R"({"group":"n"})"), R"({"changes":["n-a"]})");
}

TEST_F(LateRules, ATimeAheadOfTheArrivalIsThatOfTheArrival) {
  apply("ordered-dated", 1, {{"n-a", 10, {}, now_ + 1'000'000'000}});
  apply("ordered-dated", 2, {{"n-a", 20, {}, now_ + 2}});
  EXPECT_EQ(value_of("ordered-dated"), R"({"say":20})");
  apply("ordered-dated", 3, {{"n-a", 30, {}, now_}});
  EXPECT_EQ(value_of("ordered-dated"), R"({"say":20})") << "its own time is older";
}

INSTANTIATE_TEST_SUITE_P(Kinds, LateRecords, ::testing::ValuesIn(note_kinds()), [](const auto& kind) {
  std::string name = kind.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace comporta
