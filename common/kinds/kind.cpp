#include "common/kinds/kind.h"

#include <algorithm>

#include "common/base/file.h"
#include "common/broker/message.h"
#include "common/config/settings.h"
#include "common/json/record_schema.h"
#include "common/kinds/page_reading.h"
#include "common/kinds/reading.h"
#include "common/kinds/sent_schema.h"

namespace comporta {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr DurationRule kTtl{std::chrono::minutes(1), std::chrono::seconds(0), std::chrono::hours(720)};
constexpr std::string_view kNameRule = "has lower-case letters, digits and inner hyphens only";

/// Reads kind.yaml. Members are looked up in `schema`, unless that is null.
class KindFile {
 public:
  KindFile(fs::path folder, std::shared_ptr<const RecordSchema> schema)
      : folder_(std::move(folder)), whole_schema_(std::move(schema)) {}

  Kind read(const Section& root) const {
    Kind kind;
    kind.name = folder_.filename().string();
    kind.family = family(root);
    kind.title_pt = root.section("titles").required_text("pt");
    kind.title_en = root.section("titles").required_text("en");
    kind.key = key(root);
    kind.cache_fields = read_members(root.section("cache"), "fields", schema_);
    kind.ttl = ttl(root.section("cache"));
    kind.event_time = event_time(root);
    kind.time_zone = time_zone(root);
    kind.csv_columns = read_csv_columns(root, schema_);
    kind.labels = read_labels(root.section("labels"), schema_);
    read_views(root, kind);
    read_reasons(root, kind);
    kind.lookups = read_lookups(root.section("lookups"), kind);
    kind.reactions = read_reactions(root, folder_, kind);
    kind.account = read_account(root, schema_, kind);
    kind.access = read_access(root, schema_, kind);
    read_stamps(root.section("stamps"), schema_, kind);
    kind.hook = read_hook(root, whole_schema_, kind);
    if (kind.views_lua.empty() && kind.access.declared) compute_nothing(kind);
    read_transforms(root, schema_, kind);
    read_words_of_members(root, schema_, kind);
    const auto sent =
        schema_ == nullptr ? nullptr : sent_schema(whole_schema_, kind, is_for_admins(kind.access.create));
    for (const Section& section : root.sections("samples"))
      kind.samples.push_back(sample(section, sent.get(), kind));
    return kind;
  }

 private:
  std::string key(const Section& root) const {
    const std::string name = root.required_text("key");
    if (name.empty() || schema_ == nullptr) return name;
    if (!schema_->requires_member(name)) root.fault("key", "the schema does not require `" + name + "`");
    if (!schema_->is_nonempty_text(name))
      root.fault("key", "`" + name + "` must be of `type: string` with a `minLength` in the schema");
    return name;
  }

  static std::chrono::seconds ttl(const Section& cache) {
    const std::chrono::milliseconds time = cache.duration("ttl", kTtl);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    if (seconds != time) cache.fault("ttl", "must be whole seconds");
    return seconds;
  }

  std::string event_time(const Section& root) const {
    const std::string name = root.text("event_time", "");
    if (!name.empty() && schema_ != nullptr && !schema_->describes_member(name))
      root.fault("event_time", "the schema has no `" + name + "` among its properties");
    return name;
  }

  static TimeZone time_zone(const Section& root) {
    const std::string name = root.text("time_zone", "UTC");
    std::optional<TimeZone> zone = find_time_zone(name);
    if (!zone)
      root.fault("time_zone", "no such time zone: expected a name such as America/Sao_Paulo, or UTC");
    return zone.value_or(TimeZone{});
  }

  std::string family(const Section& root) const {
    std::string name = root.text("family", folder_.filename().string());
    if (root.has("family") && !is_kind_name(name)) root.fault("family", kNameRule);
    return name;
  }

  /// `views` and views.lua come together or not at all.
  void read_views(const Section& root, Kind& kind) const {
    const fs::path file = folder_ / "views.lua";
    const bool has_code = fs::exists(file);
    if (has_code) kind.views_lua = read_file(file, kMaxFileBytes).value_or("");
    if (has_code && kind.views_lua.empty())
      root.fault("views", "views.lua must be a file of 1 byte to 1 MiB");
    if (has_code && !root.has("views")) return root.fault("views", "is missing, but there is a views.lua");
    if (!has_code && root.has("views")) root.fault("views", "there is no views.lua beside it");
    if (root.has("views")) kind.views = read_kind_views(root.section("views"), schema_, kind.cache_fields);
  }

  static void read_reasons(const Section& root, Kind& kind) {
    const Section reasons = root.section("reasons");
    for (const std::string& reason : reasons.keys()) kind.reasons[reason] = reasons.required_text(reason);
    if (!kind.reasons.empty() && kind.views_lua.empty())
      root.fault("reasons", "there is no views.lua beside it, which would give one");
  }

  /// Who may change a record is looked at where views are computed.
  static void compute_nothing(Kind& kind) {
    kind.views_lua = kNothingComputed;
    kind.views.fields = kind.cache_fields;
    kind.views.order = KindViews::Order::kOrdered;
  }

  /// What people are offered to send must be taken.
  KindSample sample(const Section& section, const RecordSchema* sent, const Kind& kind) const {
    KindSample sample;
    sample.file = section.required_text("file");
    sample.title_pt = section.section("title").required_text("pt");
    sample.title_en = section.section("title").required_text("en");
    if (const std::string fault = read_sample(sample, sent, kind); !fault.empty())
      section.fault("file", fault);
    return sample;
  }

  /// Returns what is wrong with it.
  std::string read_sample(KindSample& sample, const RecordSchema* sent, const Kind& kind) const {
    const fs::path name(sample.file);
    if (sample.file.empty()) return {};  // said already
    if (name.filename() != name || !is_sample(name.extension().string()))
      return "must be the name of a .json, .ndjson, .jsonl or .csv file in examples/";
    std::optional<std::string> content = read_file(folder_ / "examples" / name, kMaxFileBytes);
    if (!content) return "there is no such file of at most 1 MiB in examples/";
    sample.content = *content;
    if (sent == nullptr) return {};
    const auto problem = sample_problem(std::move(*content), name.extension().string(), *sent, kind);
    if (!problem) return {};
    if (problem->errors.empty()) return "not a valid upload: " + problem->detail;
    const RecordFault& first = problem->errors.front();
    return "not a valid upload: record " + std::to_string(first.index) + ": " + first.pointer + " " +
           first.detail;
  }

  fs::path folder_;
  std::shared_ptr<const RecordSchema> whole_schema_;
  const RecordSchema* schema_ = whole_schema_.get();
};

using Faults = std::vector<std::string>;

void hold_name(const fs::path& folder, Faults& faults) {
  if (!is_kind_name(folder.filename().string()))
    faults.push_back(folder.string() + ": a kind's name " + std::string(kNameRule));
  if (folder.filename() == kSystemKind)
    faults.push_back(folder.string() + ": is the name by which the operator calls, and no kind's");
  if (folder.filename() == kReactionKind || folder.filename() == kReactorRole)
    faults.push_back(folder.string() + ": is a word for outcomes of reactions, and no kind's");
}

void hold_names(const Section& views, const Kind& kind, const KindSet& kinds) {
  const std::string& other = kind.views.names_of;
  if (other.empty()) return;
  const Kind* const namesake = kinds.find(other);
  const bool has_own =
      namesake != nullptr && !namesake->views_lua.empty() && namesake->views.names_of.empty();
  if (!has_own || namesake == &kind || namesake->family != kind.family)
    views.fault("names_of",
                "no other kind `" + other + "` of the family " + kind.family + " has names of its own");
}

/// A kind's folder. What is wrong in kind.yaml is known when all kinds are.
class KindFolder {
 public:
  Kind read(const fs::path& folder, Schemas& schemas) {
    hold_name(folder, before_);
    const fs::path schema_file = folder / "schema.json";
    const std::optional<std::string> text = read_file(schema_file, kMaxFileBytes);
    if (!text) before_.push_back(schema_file.string() + ": there is no such file of at most 1 MiB");
    const auto schema = text ? RecordSchema::compile(*text, schema_file.string(), before_) : nullptr;
    schemas.emplace(folder.filename().string(), schema);
    settings_ = std::make_unique<Settings>(folder / "kind.yaml");
    Kind kind = KindFile(folder, schema).read(settings_->root());
    kind.schema = text.value_or("");
    kind.answers = read_answers(folder / "answers.json", kind.views, behind_);
    return kind;
  }

  void tell_faults(const Kind& kind, const KindSet& kinds, const Schemas& schemas, Faults& faults) {
    hold_names(settings_->root().section("views"), kind, kinds);
    hold_reactions(settings_->root(), kind, kinds, schemas);
    for (const Faults& found : {before_, settings_->faults(), behind_})
      faults.insert(faults.end(), found.begin(), found.end());
  }

 private:
  Faults before_;
  std::unique_ptr<Settings> settings_;
  Faults behind_;
};

/// Sorted, so that faults come in the same order everywhere. Names with a dot in front are not kinds.
std::vector<fs::path> folders_in(const fs::path& directory, std::error_code& error) {
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error))
    if (entry.is_directory() && !entry.path().filename().string().starts_with('.'))
      folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

KindSet KindSet::load(const std::filesystem::path& directory, std::vector<std::string>& faults) {
  KindSet set;
  std::error_code error;
  const std::vector<fs::path> folders = folders_in(directory, error);
  if (error)
    faults.push_back(directory.string() + ": " + error.message());
  else if (folders.empty())
    faults.push_back(directory.string() + ": has no folder of a kind in it");
  Schemas schemas;
  std::map<std::string, KindFolder> read;
  for (const fs::path& folder : folders) {
    Kind kind = read[folder.filename().string()].read(folder, schemas);
    set.kinds_.emplace(kind.name, std::move(kind));
  }
  for (auto& [name, folder] : read) folder.tell_faults(set.kinds_.at(name), set, schemas, faults);
  std::set<std::string> paths;
  for (auto& [name, kind] : set.kinds_)
    if (const fs::path file = directory / name / "page.yaml"; fs::exists(file))
      kind.page = read_page(file, {kind, set, schemas}, paths, faults);
  return set;
}

const Kind* KindSet::find(std::string_view name) const {
  const auto found = kinds_.find(name);
  return found == kinds_.end() ? nullptr : &found->second;
}

}  // namespace comporta
