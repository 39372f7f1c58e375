#include "common/kinds/page.h"

#include "common/kinds/page_reading.h"
#include "common/kinds/reading.h"

namespace comporta {
namespace {

constexpr std::size_t kMaxPathBytes = 63;
constexpr std::size_t kMaxPanels = 32;

/// Paths at which nginx serves something else (tests/layout/test_paths.py), or that are kept for it.
const std::set<std::string, std::less<>> kTaken{"api",     "check-fraud", "js",       "login",   "model",
                                                "problem", "products",    "purchase", "revenue", "seller",
                                                "style",   "vendor",      "with-key"};

bool is_path(std::string_view text) {
  return !text.empty() && text.size() <= kMaxPathBytes && text[0] >= 'a' && text[0] <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string read_path(const Section& root, std::set<std::string>& paths) {
  std::string path = root.required_text("path");
  if (path.empty()) return path;
  if (!is_path(path))
    root.fault("path", "is one step: lower-case letters, digits and hyphens, a letter first, at most 63");
  if (kTaken.contains(path)) root.fault("path", "is taken: something else is served there");
  if (!paths.insert(path).second) root.fault("path", "is another page's, too");
  return path;
}

AccessRule read_who(const Section& section, const AccessRule& fallback) {
  const AccessRule who = read_rule(section, "who", fallback);
  if (who.owner) section.fault("who", "a page has no owner: `login` is meant");
  return who;
}

/// What is the same for every panel.
class PanelReader {
 public:
  PanelReader(const Section& section, const PageWorld& world, bool is_inner)
      : panel_(section), world_(world), is_inner_(is_inner) {}

  std::string read() {
    const Section& section = panel_.section();
    const auto reader = kReaders.find(section.required_text("as"));
    if (reader == kReaders.end()) return refuse();
    panel_.add("as", json_string(reader->first));
    panel_.label("title");
    panel_.label("note");
    panel_.flag("wide");
    if (section.has("who")) {
      read_who(section, {});
      panel_.add("who", json_texts(section.one_or_more_texts("who")));
    }
    (this->*reader->second)();
    return panel_.json();
  }

 private:
  using Readers = std::map<std::string, void (PanelReader::*)(), std::less<>>;
  static const Readers kReaders;

  Values values() const { return is_inner_ ? Values::kWithMembers : Values::kConstant; }

  /// Nobody knows what else it should have.
  std::string refuse() {
    std::string names;
    for (const auto& [name, reader] : kReaders) names += (names.empty() ? "" : ", ") + name;
    if (!panel_.section().text("as", "").empty()) panel_.section().fault("as", "expected one of " + names);
    panel_.section().keys();
    return "{}";
  }

  const Kind* view(bool has_inputs = false) {
    const Kind* const viewed = read_view(panel_, world_, values(), has_inputs);
    panel_.text("rows");
    return viewed;
  }

  void table() {
    const Kind* const viewed = view(true);
    panel_.parts("columns", 1, [](const Section& section) {
      PanelPart column(section);
      column.needed_text("member");
      column.format("as");
      column.label("title");
      column.words("words");
      column.tones("tones");
      return column.json();
    });
    const Section& section = panel_.section();
    if (section.has("row")) panel_.add("row", read_row(section.section("row"), world_, viewed, is_inner_));
  }

  void slices() {
    view();
    panel_.needed_text_or_texts("slice");
    panel_.needed_text("value");
    panel_.format("value_as");
    panel_.words("words");
    panel_.colours("colours");
  }

  void line() {
    view();
    panel_.needed_text("x");
    panel_.needed_text("y");
    panel_.format("x_as");
    panel_.format("y_as");
    panel_.number("from");
    panel_.number("to");
  }

  void number() {
    value();
    panel_.format("value_as");
    panel_.words("words");
  }

  void value() {
    read_view(panel_, world_, values(), false);
    panel_.needed_text("value");
  }

  void form() { read_members_given(panel_, world_, kind(), values()); }

  void lookup() {
    read_lookup(panel_, world_, values());
    panel_.parts("values", 1, [](const Section& section) {
      PanelPart value(section);
      value.needed_text("member");
      value.format("as");
      value.label("title");
      return value.json();
    });
  }

  void board() {
    view();
    panel_.needed_text("column");
    panel_.needed_texts("columns");
    panel_.words("words");
    panel_.needed_texts("card");
    panel_.formats("formats");
    panel_.tones("tones");
    panel_.texts_by_name("next");
    panel_.flag("large");
    panel_.flag("sound");
    const Section move = panel_.section().section("move");
    if (panel_.section().has("move")) panel_.add("move", read_action(move, world_, "to"));
  }

  /// One record from its beginning to its end.
  void steps() {
    const Section& section = panel_.section();
    read_view(panel_, world_, values(), false, "key");
    panel_.needed_text("column");
    panel_.words("words");
    panel_.needed_texts("over");
    panel_.add("begin", read_action(section.section("begin"), world_, ""));
    if (is_inner_) section.fault("as", "stands on the page itself, and in no other panel");
    panel_.parts("steps", 1, [&](const Section& each) {
      PanelPart step(each);
      step.needed_texts("when");
      step.label("title");
      step.label("note");
      if (each.has("panels")) step.add("panels", read_panels(each, "panels", world_, true));
      step.parts("actions", 0, [&](const Section& action) { return read_action(action, world_, ""); });
      return step.json();
    });
  }

  const Kind* kind() { return read_kind_of(panel_, "kind", world_, &world_.kind); }
  void flags() {
    const Kind* const flagging = kind();
    if (flagging != nullptr && !flagging->views.queries.contains("flags"))
      panel_.section().fault("kind", "has no query `flags`, which is what is shown");
  }
  void latest() { kind(); }
  void arrivals() {}

  PanelPart panel_;
  const PageWorld& world_;
  bool is_inner_;
};

const PanelReader::Readers PanelReader::kReaders{
    {"arrivals", &PanelReader::arrivals}, {"bars", &PanelReader::slices},   {"board", &PanelReader::board},
    {"flags", &PanelReader::flags},       {"form", &PanelReader::form},     {"latest", &PanelReader::latest},
    {"line", &PanelReader::line},         {"lookup", &PanelReader::lookup}, {"number", &PanelReader::number},
    {"pie", &PanelReader::slices},        {"qr", &PanelReader::value},      {"steps", &PanelReader::steps},
    {"table", &PanelReader::table}};

}  // namespace

std::string read_panels(const Section& section, std::string_view key, const PageWorld& world, bool is_inner) {
  const std::vector<Section> panels = section.sections(key);
  if (panels.empty() || panels.size() > kMaxPanels)
    section.fault(key, "must have 1 to " + std::to_string(kMaxPanels) + " panels");
  return json_array(panels, [&](const Section& panel) { return PanelReader(panel, world, is_inner).read(); });
}

KindPage read_page(const std::filesystem::path& file, const PageWorld& world, std::set<std::string>& paths,
                   std::vector<std::string>& faults) {
  Settings settings(file);
  const Section root = settings.root();
  KindPage page;
  page.path = read_path(root, paths);
  page.title_pt = root.section("title").required_text("pt");
  page.title_en = root.section("title").required_text("en");
  page.who = read_who(root, page.who);
  page.panels = read_panels(root, "panels", world, false);
  const std::vector<std::string> found = settings.faults();
  faults.insert(faults.end(), found.begin(), found.end());
  return page;
}

}  // namespace comporta
