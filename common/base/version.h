#pragma once
// The version of all of Comporta (CMakeLists.txt; CHANGELOG.md says what each brought).

namespace comporta {

/// `0.2.0`
extern const char* const kVersion;

}  // namespace comporta
