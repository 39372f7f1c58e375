#pragma once
// An outbox in memory, as full as a test wants it.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "services/cache/reactions/outbox.h"

namespace comporta {

class MemoryOutbox : public Outbox {
 public:
  bool hold() override { return true; }
  void let_go() override {}
  std::vector<WaitingLine> look(const std::vector<const Reaction*>& reactions) override {
    if (is_away) throw TransientError("away");
    std::vector<WaitingLine> lines;
    for (const Reaction* reaction : reactions) {
      WaitingLine line;
      for (const auto& [id, entry] : entries)
        if (entry.name == reaction->name) line.ids.push_back(id);
      line.count = line.ids.size();
      line.ids.resize(std::min(line.ids.size(), in_sight));
      if (line.count > 0) line.oldest = oldest;
      lines.push_back(std::move(line));
    }
    return lines;
  }
  std::vector<std::optional<WaitingReaction>> read(const Reaction& /*reaction*/,
                                                   const std::vector<std::string>& ids) override {
    std::vector<std::optional<WaitingReaction>> waiting;
    for (const std::string& id : ids) {
      waiting.emplace_back();
      if (const auto found = entries.find(id); found != entries.end())
        waiting.back() =
            WaitingReaction{found->second.with, ReactionState::read(states[id]), found->second.trace};
    }
    return waiting;
  }
  void save(const std::string& id, const ReactionState& state) override {
    if (is_away) throw TransientError("away");
    states[id] = state.to_json();
  }
  void forget(const std::vector<std::string>& ids) override {
    for (const std::string& id : ids) states.erase(id);
  }
  std::map<std::string, std::string> orders() override { return given_orders; }
  void order_is_done(const std::string& id) override { given_orders.erase(id); }

  struct Entry {
    std::string name;
    std::string with;
    std::string trace = {};
  };
  std::map<std::string, Entry> entries;       ///< by id
  std::map<std::string, std::string> states;  ///< by id
  std::map<std::string, std::string> given_orders;
  WallMs oldest = {};
  std::size_t in_sight = kMostInSight;  ///< the first by their ids
  bool is_away = false;
};

}  // namespace comporta
