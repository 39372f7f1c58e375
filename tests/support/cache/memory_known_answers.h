#pragma once
// What providers said, in memory, without an end.

#include <map>

#include "services/cache/lookups/known_answers.h"

namespace comporta {

class MemoryKnownAnswers : public KnownAnswers {
 public:
  std::vector<std::optional<KnownAnswer>> read(const std::vector<std::string>& keys) override {
    std::vector<std::optional<KnownAnswer>> known;
    for (const std::string& key : keys) {
      const auto found = answers.find(key);
      known.push_back(found == answers.end() ? std::nullopt : std::optional(found->second));
    }
    return known;
  }
  void keep(const std::string& key, const KnownAnswer& answer, std::chrono::seconds ttl) override {
    answers[key] = answer;
    ttls[key] = ttl;
  }

  std::map<std::string, KnownAnswer> answers;
  std::map<std::string, std::chrono::seconds> ttls;
};

}  // namespace comporta
