#include "common/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace comporta {

void check(bool condition, const char* what, std::source_location where) {
  if (condition) return;
  std::fprintf(stderr, "%s:%u: broken promise: %s\n", where.file_name(), static_cast<unsigned>(where.line()),
               what);
  std::abort();
}

}  // namespace comporta
