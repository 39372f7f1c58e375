#include "common/base/version.h"

namespace comporta {

const char* const kVersion = COMPORTA_VERSION;  // defined for this file alone, lest a new one builds all anew

}  // namespace comporta
