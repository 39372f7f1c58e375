// What the views see of what they have written, before Redis has it, is what Redis holds afterwards.

#include "services/cache/redis/view_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "services/cache/redis/reader.h"
#include "tests/contract/cache/redis/redis_access.h"

namespace comporta {
namespace {

class ViewDataTest : public ::testing::Test {
 protected:
  std::string key(const std::string& name) { return redis_.prefix() + ":" + name; }

  void begin() {
    commands_.clear();
    commands_.command(1).argument("MULTI");
    data_.write_to(&commands_);
  }
  void commit() {
    const std::size_t queued = commands_.count() - 1;
    commands_.command(1).argument("EXEC");
    connection_.send(commands_);
    connection_.skip(1);
    connection_.skip_queued(queued);
    connection_.receive();
    data_.end_group();
  }

  /// All that can be asked of the names below, as one text.
  std::string seen_by(ViewData& data) {
    std::string seen;
    const auto tell = [&](const std::string& what, const std::string& value) {
      seen += what + "=" + value + "\n";
    };
    for (const char* name : {"text-a", "text-b", "text-c"})
      tell(name, std::string(data.text(key(name)).value_or("nothing")));
    for (const char* set : {"set-a", "set-b"})
      for (const char* member : {"1", "2", "3", "4", "5"}) {
        const auto score = data.score(key(set), member);
        tell(std::string(set) + "/" + member, score ? std::to_string(*score) : "nothing");
      }
    for (const char* set : {"line-a", "line-b"}) tell(set, data.first(key(set)).value_or("nothing"));
    tell("list", data.front(key("list")).value_or("nothing"));
    for (const auto& [field, value] : data.fields(key("hash"))) tell("hash/" + field, value);
    return seen;
  }
  std::string seen_afresh() {
    ViewData fresh(reader_);
    return seen_by(fresh);
  }

  void change(std::mt19937& random) {
    const auto one_of = [&](const std::vector<std::string>& names) { return names[random() % names.size()]; };
    const auto number = [&] { return static_cast<std::int64_t>(random() % 10); };
    const std::string member = one_of({"1", "2", "3", "4", "5"});
    const std::string text = key(one_of({"text-a", "text-b", "text-c"})),
                      set = key(one_of({"set-a", "set-b"}));
    const std::string line = key(one_of({"line-a", "line-b"}));
    const auto score = static_cast<double>(number());
    switch (random() % 12) {
      case 0:
        return data_.set_text(text, std::to_string(number()), {});
      case 1:
        return data_.delete_text(text);
      case 2:
        return data_.rank(set, {{member, score}, {"1", {}}});
      case 3:
        return data_.rank(set, {{member, score}});
      case 4:
        return data_.unrank_below(set, score);
      case 5:
        return data_.rank(line, {{member, score}});
      case 6:
        return data_.rank(line, {{member, {}}});
      case 7:
        data_.move(line, key("line-b"));
        return;
      case 8:
        return data_.push(key("list"), std::to_string(number()));
      case 9:
        return data_.pop(key("list"));
      case 10:
        return data_.set_fields(key("hash"), {{member, std::to_string(number())}});
      default:
        return random() % 2 == 0 ? data_.delete_field(key("hash"), member)
                                 : data_.add_to_field(key("hash"), "sum", number());
    }
  }

  RedisAccess redis_;
  RedisConnection connection_{redis_.settings().server};
  ReadsAtOnce reader_{redis_.settings().server};
  ViewData data_{reader_};
  RedisCommands commands_;
};

TEST_F(ViewDataTest, IsBeforeTheTransactionWhatRedisHoldsBehindIt) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    for (int group = 0; group < 5; ++group) {
      begin();
      for (int i = 0; i < 12; ++i) {
        change(random);
        if (random() % 3 == 0) seen_by(data_);  // what is asked is known from then on
      }
      const std::string before = seen_by(data_);
      commit();
      ASSERT_EQ(before, seen_afresh()) << "seed " << seed << ", group " << group;
      if (random() % 4 == 0) data_.forget();
    }
  }
}

TEST_F(ViewDataTest, WhatAnotherHasWrittenIsSeenWhenItIsForgotten) {
  EXPECT_EQ(data_.text(key("text-a")), std::nullopt);
  redis_.ask({"SET", key("text-a"), "theirs"});
  EXPECT_EQ(data_.text(key("text-a")), std::nullopt) << "known until then";
  data_.forget();
  EXPECT_EQ(data_.text(key("text-a")), "theirs");
}

TEST_F(ViewDataTest, ListsThatAreShownKeepTheirLast) {
  begin();
  data_.append(key("shown"), {"1", "2", "3"}, 2, 60'000);
  data_.show(key("latest"), "a", 2);
  data_.show(key("latest"), "b", 1);
  data_.count_up(key("counters"), "records", 3);
  commit();
  EXPECT_EQ(redis_.ask({"LLEN", key("shown")}).number(), 2);
  EXPECT_EQ(redis_.ask({"LINDEX", key("shown"), "0"}).text(), "2");
  EXPECT_GT(redis_.ask({"PTTL", key("shown")}).number(), 0);
  EXPECT_EQ(redis_.ask({"LLEN", key("latest")}).number(), 1);
  EXPECT_EQ(redis_.ask({"HGET", key("counters"), "records"}).text(), "3");
}

TEST_F(ViewDataTest, ReadingTogetherReadsAheadWhatAListNames) {
  for (const char* member : {"a", "b", "c"}) {
    redis_.ask({"ZADD", key("all"), "1", member});
    redis_.ask({"SET", key(std::string("record:") + member), member});
  }
  ReadsTogether together;
  const auto read = [&] {
    std::string all;
    const std::string list = key("all");
    const RedisValue members = together.ask({"ZRANGE", list, "0", "-1"});
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string record = key("record:" + std::string(members[i].text()));
      const RedisValue text = together.ask({"GET", record});
      if (text.is_nil()) break;  // as code that fails at the first that is not there
      all += text.text();
    }
    return all;
  };
  int rounds = 0;
  for (read(); !together.is_complete(); read(), ++rounds) together.fetch(connection_);
  EXPECT_EQ(read(), "abc");
  EXPECT_EQ(rounds, 2) << "one for the list, one for all that it names";
}

}  // namespace
}  // namespace comporta
