// What a panel asks: a query or a lookup, and its parameters.

#include <algorithm>

#include "common/kinds/page_reading.h"

namespace comporta {
namespace {

using Parameters = std::map<std::string, QueryParameter, std::less<>>;

const Parameters* parameters_of_query(const Kind& kind, std::string_view name) {
  const auto query = kind.views.queries.find(name);
  return query == kind.views.queries.end() ? nullptr : &query->second.parameters;
}

const Parameters* parameters_of_lookup(const Kind& kind, std::string_view name) {
  const auto lookup = kind.lookups.find(name);
  return lookup == kind.lookups.end() ? nullptr : &lookup->second.question.parameters;
}

struct Asked {
  const Kind* kind = nullptr;
  const Parameters* parameters = nullptr;
};

/// What panels ask: at `key` stands `kind/name`.
struct Question {
  std::string_view key;
  std::string_view name;  ///< in faults
  const Parameters* (*parameters_of)(const Kind& kind, std::string_view name);
};

constexpr Question kQuery{"view", "query", parameters_of_query};
constexpr Question kLookup{"lookup", "lookup", parameters_of_lookup};

/// Of a kind of the family; nothing, and a fault, if it is not there.
Asked read_asked(PanelPart& panel, const Question& question, const PageWorld& world) {
  const std::string text = panel.needed_text(question.key);
  const auto refuse = [&](const std::string& why) {
    if (!text.empty()) panel.section().fault(question.key, why);  // otherwise it is said already
    return Asked{};
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return refuse("expected kind/" + std::string(question.name));
  const Kind* const kind = world.kinds.find(std::string_view(text).substr(0, slash));
  if (kind == nullptr || kind->family != world.kind.family)
    return refuse("there is no kind `" + text.substr(0, slash) + "` in the family " + world.kind.family);
  const Parameters* const parameters =
      question.parameters_of(*kind, std::string_view(text).substr(slash + 1));
  if (parameters == nullptr)
    return refuse("the kind " + kind->name + " has no such " + std::string(question.name));
  return {kind, parameters};
}

/// What a panel gives to the parameters of what it asks.
class Arguments {
 public:
  /// Null: nobody knows which there are.
  Arguments(PanelPart& panel, const Parameters* parameters) : panel_(panel), parameters_(parameters) {}

  void read_constants(Values values) {
    const Section with = panel_.section().section("with");
    for (const std::string& name : with.keys()) {
      const std::string value = with.text(name, "");
      const QueryParameter* const parameter = give(with, name, name);
      if (parameter == nullptr || (values == Values::kWithMembers && names_member(value))) continue;
      if (!fits(*parameter, value)) with.fault(name, "must be " + expectation(*parameter, value));
    }
    panel_.texts_by_name("with");
  }

  /// What people give.
  void read_inputs() {
    read_search();
    read_filters();
    read_choices();
  }

  /// What the panel itself gives: the parameter that is named at `key`.
  void read_own(std::string_view key) {
    const std::string name = panel_.needed_text(key);
    const QueryParameter* const parameter = give(panel_.section(), key, name);
    if (parameter != nullptr && parameter->type != QueryParameter::Type::kText)
      panel_.section().fault(key, "must be a parameter of `type: text`");
  }

  void hold_that_enough_is_given(std::string_view key) const {
    if (parameters_ == nullptr) return;
    for (const auto& [name, parameter] : *parameters_)
      if (parameter.required && !parameter.is_caller && !given_.contains(name))
        panel_.section().fault(key, "`" + name + "` is required, but nothing gives it");
  }

 private:
  void read_search() {
    const Section& section = panel_.section();
    if (!section.has("search")) return;
    const QueryParameter* const parameter = give(section, "search", panel_.needed_text("search"));
    if (parameter != nullptr && parameter->type != QueryParameter::Type::kText)
      section.fault("search", "must be a parameter of `type: text`");
  }

  void read_filters() {
    const Section& section = panel_.section();
    if (!section.has("filters")) return;
    for (const std::string& name : panel_.needed_texts("filters")) give(section, "filters", name);
  }

  /// Only of filters: of all others nothing is asked.
  void read_choices() {
    const std::vector<std::string> filters = panel_.section().texts("filters");
    const Section choices = panel_.section().section("choices");
    PanelPart by_filter(choices);
    for (const std::string& name : choices.keys()) {
      if (std::find(filters.begin(), filters.end(), name) == filters.end())
        choices.fault(name, "is none of the `filters`");
      by_filter.parts(name, 1, [&](const Section& choice) { return read_choice(choice, find(name)); });
    }
    if (panel_.section().has("choices")) panel_.add("choices", by_filter.json());
  }

  const QueryParameter* find(std::string_view name) const {
    if (parameters_ == nullptr) return nullptr;
    const auto found = parameters_->find(name);
    return found == parameters_->end() ? nullptr : &found->second;
  }

  /// The parameter, which must be there, and must not be given in another way, too.
  const QueryParameter* give(const Section& section, std::string_view key, const std::string& name) {
    const QueryParameter* const parameter = find(name);
    if (parameters_ == nullptr || name.empty()) return nullptr;
    if (parameter == nullptr)
      section.fault(key, "there is no parameter `" + name + "`");
    else if (parameter->type == QueryParameter::Type::kCursor)
      section.fault(key, "`" + name + "` is for going on to the next page, which tables do by themselves");
    if (!given_.insert(name).second) section.fault(key, "`" + name + "` is given twice");
    return parameter;
  }

  static std::string read_choice(const Section& section, const QueryParameter* parameter) {
    PanelPart choice(section);
    const std::string value = choice.needed_text("value");
    choice.add("title", label_json(section.section("title")));
    if (parameter != nullptr && !value.empty() && !fits(*parameter, value))
      section.fault("value", "must be " + expectation(*parameter, value));
    return choice.json();
  }

  PanelPart& panel_;
  const Parameters* parameters_;
  std::set<std::string, std::less<>> given_;
};

}  // namespace

const Kind* read_view(PanelPart& panel, const PageWorld& world, Values values, bool has_inputs,
                      std::string_view key) {
  const Asked asked = read_asked(panel, kQuery, world);
  Arguments arguments(panel, asked.parameters);
  arguments.read_constants(values);
  if (has_inputs) arguments.read_inputs();
  if (!key.empty()) arguments.read_own(key);
  arguments.hold_that_enough_is_given(kQuery.key);
  return asked.kind;
}

void read_lookup(PanelPart& panel, const PageWorld& world, Values values) {
  Arguments arguments(panel, read_asked(panel, kLookup, world).parameters);
  arguments.read_constants(values);
  arguments.hold_that_enough_is_given(kLookup.key);
}

}  // namespace comporta
