#include "common/telemetry/process_metrics.h"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace comporta {
namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Of memory: the second number of statm, in pages.
double resident_bytes() {
  double size = 0;
  double resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
  std::error_code ignored;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", ignored), end; entry != end;
       entry.increment(ignored))
    ++count;
  return count;
}

}  // namespace

ProcessMetrics::ProcessMetrics(Metrics& metrics)
    : start_time_(metrics.gauge("process_start_time_seconds", "When the process was started, since 1970.")),
      cpu_(metrics.counter("process_cpu_seconds_total", "Time of processors that it has used.")),
      memory_(metrics.gauge("process_resident_memory_bytes", "Memory that it holds.")),
      files_(metrics.gauge("process_open_fds", "Files and connections that it has open.")) {
  start_time_.set(now_seconds());
}

void ProcessMetrics::look() const {
  cpu_.raise_to(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
  memory_.set(resident_bytes());
  files_.set(open_files());
}

}  // namespace comporta
