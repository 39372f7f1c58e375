#pragma once
// What is freed is kept for the next message or upload, and given back to the system when nothing comes: a
// page that is asked for anew for each megabyte costs more than what is done with its bytes.

#include <chrono>
#include <optional>

namespace comporta {

class SpareMemory {
 public:
  /// Of the whole process: before its threads start.
  static void keep();

  /// Tells, once, that there has been no work for a while. To be asked some times a second.
  bool is_due(bool has_work);
  static void give_back();

 private:
  std::optional<std::chrono::steady_clock::time_point> last_work_;  ///< none: it is given back
};

}  // namespace comporta
