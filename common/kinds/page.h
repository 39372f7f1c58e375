#pragma once
// What people see of a kind: page.yaml. docs/KINDS.md, "A page".

#include <string>

#include "common/access/caller.h"

namespace comporta {

struct KindPage {
  std::string path;  ///< served at `/<path>/`; empty: the kind has no page
  std::string title_pt;
  std::string title_en;
  AccessRule who{.anyone = true};  ///< who is shown it; what they may do is up to each kind
  std::string panels;              ///< what it shows: the JSON array that the page's code is given
};

}  // namespace comporta
