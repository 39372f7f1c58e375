#pragma once
// Not for others than the files behind kind.h: the parts of kind.yaml that are read by files of their own.
// Faults go to the section's owner. `schema` is null when it does not compile: then nothing is looked up in
// it.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/problem.h"
#include "common/config/settings.h"
#include "common/json/record_schema.h"
#include "common/kinds/kind.h"

namespace comporta {

/// A list of members of the record, none twice.
std::vector<std::string> read_members(const Section& section, std::string_view key,
                                      const RecordSchema* schema);
using Schemas = std::map<std::string, std::shared_ptr<const RecordSchema>>;  ///< by kind

/// `views`. By default views.lua is given what the cache keeps.
KindViews read_kind_views(const Section& views, const RecordSchema* schema,
                          const std::vector<std::string>& cache_fields);
/// Words of `access` at `key`; `fallback` if it is not there.
AccessRule read_rule(const Section& section, std::string_view key, const AccessRule& fallback);
/// The title and the parameters of what may be asked.
KindQuery read_query(const Section& section);
/// `lookups`. Of the kind read so far, with its views, whose queries have other names.
std::map<std::string, KindLookup, std::less<>> read_lookups(const Section& lookups, const Kind& kind);
/// `reactions`, and the bodies beside kind.yaml. Of the kind read so far, with its views.
std::map<std::string, KindReaction, std::less<>> read_reactions(const Section& root,
                                                                const std::filesystem::path& folder,
                                                                const Kind& kind);
/// What only shows when all kinds are read: whether the records that its reactions become can be. `root` is
/// that of the kind's file.
void hold_reactions(const Section& root, const Kind& kind, const KindSet& kinds, const Schemas& schemas);
/// Of the kind read so far, with its account, cache fields, views and lookups.
KindAccess read_access(const Section& root, const RecordSchema* schema, const Kind& kind);
/// Of the kind read so far, with its access; into it, and its sources of UUIDs.
void read_stamps(const Section& stamps, const RecordSchema* schema, Kind& kind);
/// `hook`; nothing if there is none. Of the kind read so far, with its account, access and stamps.
std::optional<KindHook> read_hook(const Section& root, const std::shared_ptr<const RecordSchema>& schema,
                                  const Kind& kind);
/// Of the kind read so far, with its key and time to live.
KindAccount read_account(const Section& root, const RecordSchema* schema, const Kind& kind);
/// By how the name of its file ends.
bool is_sample(std::string_view extension);
/// What the gateway would say of it.
std::optional<Problem> sample_problem(std::string content, std::string_view extension,
                                      const RecordSchema& schema, const Kind& kind);
/// `csv.columns`: member by column.
std::map<std::string, std::string> read_csv_columns(const Section& root, const RecordSchema* schema);
/// answers.json beside the kind's other files: an object with a schema for some of its queries; empty if
/// there is none.
std::string read_answers(const std::filesystem::path& file, const KindViews& views,
                         std::vector<std::string>& faults);
std::map<std::string, Label> read_labels(const Section& labels, const RecordSchema* schema);
/// By what is kept, the words that stand for it.
Words read_words(const Section& section);
/// `words` of the kind read so far, into its forms.
void read_words_of_members(const Section& root, const RecordSchema* schema, Kind& kind);
/// `transforms` of the kind read so far, whose other members they must leave usable; into it, and its forms.
void read_transforms(const Section& root, const RecordSchema* schema, Kind& kind);

}  // namespace comporta
