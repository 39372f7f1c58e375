#pragma once
// A store of accounts and notes in memory that works like the real one, with a clock that the test sets. Any
// thread.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "common/base/error.h"
#include "common/base/uuid.h"
#include "services/cache/sessions/store.h"

namespace comporta {

/// What time it is in these tests.
class TestTime {
 public:
  static WallClock::time_point now() { return moment_; }
  static void set(WallClock::time_point moment) { moment_ = moment; }
  static void pass(std::chrono::milliseconds time) { moment_ += time; }

 private:
  static inline WallClock::time_point moment_{std::chrono::seconds(1'800'000'000)};
};

class MemoryPeopleStore : public PeopleStore {
 public:
  std::optional<std::string> account_key(std::string_view kind, std::string_view login) override {
    return find(logins, kind, login);
  }
  std::optional<std::string> account_text(std::string_view kind, std::string_view key) override {
    return find(accounts, kind, key);
  }
  NoteTexts read(const std::vector<std::string>& names) override {
    step();
    const std::lock_guard lock(mutex_);
    NoteTexts texts;
    for (const std::string& name : names) {
      const auto found = notes_.find(name);
      const bool there = found != notes_.end() && found->second.second > TestTime::now();
      texts.push_back(there ? std::optional(found->second.first) : std::nullopt);
    }
    return texts;
  }
  void update(const std::vector<std::string>& names, const Change& change) override {
    NoteTexts texts = read(names);
    std::vector<Note> notes = change(texts);
    while (std::exchange(races, false) || read(names) != texts) {
      texts = read(names);
      notes = change(texts);
    }
    const std::lock_guard lock(mutex_);
    for (const Note& note : notes) {
      if (!note.text) {
        notes_.erase(note.name);
        continue;
      }
      check(note.ttl.count() > 0, "a note is kept for a time");
      notes_[note.name] = {*note.text, TestTime::now() + note.ttl};
    }
    ++updates;
  }

  /// An account as the others write it.
  void put(const std::string& kind, const std::string& key, const std::string& login,
           const std::string& password, const std::string& roles = "[]") {
    const std::lock_guard lock(mutex_);
    logins[{kind, login}] = key;
    accounts[{kind, key}] =
        R"({"login":")" + login + R"(","password":")" + password + R"(","roles":)" + roles + "}";
  }
  void remove(const std::string& kind, const std::string& key) {
    const std::lock_guard lock(mutex_);
    accounts.erase({kind, key});
  }
  std::string all_notes() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [name, note] : notes_) all += name + " " + note.first + "\n";
    return all;
  }

  using Table = std::map<std::pair<std::string, std::string>, std::string>;
  Table logins;
  Table accounts;
  bool away = false;
  bool races = false;  ///< the next update is made twice, as after a race
  std::atomic<int> updates = 0;
  std::atomic<int> look_ups = 0;

 private:
  std::optional<std::string> find(const Table& table, std::string_view kind, std::string_view name) {
    step();
    const std::lock_guard lock(mutex_);
    ++look_ups;
    const auto found = table.find({std::string(kind), std::string(name)});
    return found == table.end() ? std::nullopt : std::optional(found->second);
  }
  void step() const {
    if (away) throw TransientError("away");
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::pair<std::string, WallClock::time_point>> notes_;
};

}  // namespace comporta
