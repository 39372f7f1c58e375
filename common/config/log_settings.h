#pragma once
// How a daemon's file says what is logged.

#include "common/config/settings.h"
#include "common/telemetry/log.h"

namespace comporta {

/// Reads `level` (debug, info, warn, error) and `format` (json, text).
LogSettings read_log_settings(const Section& section);

}  // namespace comporta
