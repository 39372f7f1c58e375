#include "common/config/log_settings.h"

#include <algorithm>

namespace comporta {

LogSettings read_log_settings(const Section& section) {
  const std::string level = section.choice("level", "info", {kLogLevelNames.begin(), kLogLevelNames.end()});
  const auto* const found = std::find(kLogLevelNames.begin(), kLogLevelNames.end(), level);
  return {.level = static_cast<LogLevel>(found - kLogLevelNames.begin()),
          .json = section.choice("format", "json", {"json", "text"}) == "json"};
}

}  // namespace comporta
