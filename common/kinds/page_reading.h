#pragma once
// Not for others than the files behind page.h: what reads page.yaml once all kinds are there. Faults go to
// the section's owner.

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/record_schema.h"
#include "common/kinds/kind.h"
#include "common/kinds/panel_part.h"

namespace comporta {

/// Whose page it is, and what it may name.
struct PageWorld {
  const Kind& kind;
  const KindSet& kinds;
  /// By kind; null where it does not compile: then nothing is looked up in it.
  const std::map<std::string, std::shared_ptr<const RecordSchema>>& schemas;
};

/// Whether values may name members of the row that stands around, `{id}`, or are what they are.
enum class Values { kConstant, kWithMembers };

inline bool names_member(std::string_view value) {
  const std::size_t begin = value.find('{');
  return begin != std::string_view::npos && value.find('}', begin) != std::string_view::npos;
}

/// `file` is in the folder of the world's kind. `paths`: those of other pages, to which this one's is added.
KindPage read_page(const std::filesystem::path& file, const PageWorld& world, std::set<std::string>& paths,
                   std::vector<std::string>& faults);
/// The mappings at `panels` of a page or, `is_inner`, of a row that is opened.
std::string read_panels(const Section& section, std::string_view key, const PageWorld& world, bool is_inner);

/// `view`, and what its parameters are given; of a table, which `has_inputs`, people give some, and where
/// `key` is not empty the panel itself gives the one that is named there. Returns the view's kind; null, and
/// a fault, if there is none.
const Kind* read_view(PanelPart& panel, const PageWorld& world, Values values, bool has_inputs,
                      std::string_view key = {});
/// `lookup`, in the same way.
void read_lookup(PanelPart& panel, const PageWorld& world, Values values);

/// The kind named at `key`, by default `fallback`; the page is told either. Null, and a fault, if there is
/// none.
const Kind* read_kind_of(PanelPart& part, std::string_view key, const PageWorld& world, const Kind* fallback);
/// `with`: members of a record that `kind` takes. Returns which are given.
std::set<std::string> read_members_given(PanelPart& part, const PageWorld& world, const Kind* kind,
                                         Values values);
/// `upload`, `with`, `ask`, `title` and, unless it is empty, the member named at `also`: enough for a record.
std::string read_action(const Section& section, const PageWorld& world, std::string_view also);
/// `row` of a table of records of `viewed`, which may be null.
std::string read_row(const Section& section, const PageWorld& world, const Kind* viewed, bool is_inner);

}  // namespace comporta
