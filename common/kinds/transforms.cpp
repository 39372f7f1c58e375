#include "common/kinds/transforms.h"

#include <optional>

#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/json/reader.h"

namespace comporta {

/// The pointers as a tree: a member's name leads to what is below it.
struct Transforms::Node {
  std::optional<Transform> transform;
  std::optional<WrittenForm> form;
  std::map<std::string, Node, std::less<>> members;

  const Node* member(std::string_view name) const {
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
  }
};

namespace {

constexpr std::string_view kMask = "**** **** **** ";
constexpr std::size_t kShown = 4;
constexpr std::size_t kLeastToShowAny = 8;

/// Follows the parser through one record, and copies it to `out` but for what is to change.
class Rewriter : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Rewriter> {
 public:
  using Node = Transforms::Node;

  Rewriter(std::string_view record, const JsonStream& stream, const Node& root, std::string_view secret,
           std::string& out)
      : record_(record), stream_(stream), root_(root), secret_(secret), out_(out) {}

  bool Default() { return end_value(); }
  bool String(const char* text, rapidjson::SizeType size, bool);
  bool Key(const char* name, rapidjson::SizeType size, bool);
  bool StartObject() { return open(levels_.empty() ? &root_ : levels_.back().member); }
  bool StartArray() { return open(nullptr); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  void finish() { copy_up_to(record_.size()); }

 private:
  /// An object or array.
  struct Level {
    const Node* node;                ///< what is to change in it; null: nothing
    const Node* member = nullptr;    ///< of `node`: the one that is being read
    std::size_t member_begin = 0;    ///< where the member begins, the comma before it included
    std::size_t members_kept = 0;    ///< before the one that is being read
    std::size_t members_before = 0;  ///< kept or not
  };

  std::size_t here() const { return stream_.Tell(); }
  std::optional<Transform> wanted() const {
    const Node* const member = levels_.empty() ? nullptr : levels_.back().member;
    return member == nullptr ? std::nullopt : member->transform;
  }
  std::string rewritten(Transform transform, std::string_view text) const {
    return transform == Transform::kMask ? masked(text) : to_hex(hmac_sha256(secret_, text));
  }
  void replace(std::string_view value);
  bool open(const Node* node);
  bool close();
  bool end_value();
  bool keep();
  void copy_up_to(std::size_t end);

  std::string_view record_;
  const JsonStream& stream_;
  const Node& root_;
  std::string_view secret_;
  std::string& out_;
  std::vector<Level> levels_;
  std::size_t copied_ = 0;      ///< the record's bytes before it are dealt with
  std::size_t last_end_ = 0;    ///< behind the last value, or the bracket that opened its object
  std::size_t value_from_ = 0;  ///< between a member's name and its value
};

void Rewriter::copy_up_to(std::size_t end) {
  out_ += record_.substr(copied_, end - copied_);
  copied_ = end;
}

bool Rewriter::open(const Node* node) {
  levels_.push_back({.node = node});
  last_end_ = here();
  return true;
}

bool Rewriter::close() {
  levels_.pop_back();
  return levels_.empty() || end_value();
}

bool Rewriter::Key(const char* name, rapidjson::SizeType size, bool) {
  Level& level = levels_.back();
  level.member = level.node == nullptr ? nullptr : level.node->member({name, size});
  level.member_begin = last_end_;
  if (level.members_before++ > 0 && level.members_kept == 0)  // this may become the first: no comma before it
    copied_ = level.member_begin = record_.find(',', last_end_) + 1;
  value_from_ = here();
  return true;
}

bool Rewriter::String(const char* text, rapidjson::SizeType size, bool) {
  const std::string_view value(text, size);
  const Node* const member = levels_.empty() ? nullptr : levels_.back().member;
  if (member != nullptr && member->form) {
    const std::string formed = in_form(*member->form, value);
    if (formed != value) replace(formed);
    return keep();
  }
  const std::optional<Transform> transform = wanted();
  if (!transform || *transform == Transform::kDrop) return end_value();
  replace(rewritten(*transform, value));
  return keep();
}

/// Of the text that has just been read.
void Rewriter::replace(std::string_view value) {
  copy_up_to(record_.find('"', value_from_));
  append_json_string(out_, value);
  copied_ = here();
}

/// What is to be masked or hashed and is no text, which no schema allows, is dropped too.
bool Rewriter::end_value() {
  if (!wanted()) return keep();
  copy_up_to(levels_.back().member_begin);
  copied_ = last_end_ = here();
  return true;
}

bool Rewriter::keep() {
  ++levels_.back().members_kept;
  last_end_ = here();
  return true;
}

Transforms::Node& node_at(Transforms::Node& root, const std::string& pointer) {
  const rapidjson::Pointer place(pointer.data(), pointer.size());
  check(place.IsValid(), "a loaded kind has good pointers");
  Transforms::Node* node = &root;
  for (std::size_t i = 0; i < place.GetTokenCount(); ++i)
    node = &node->members[{place.GetTokens()[i].name, place.GetTokens()[i].length}];
  return *node;
}

}  // namespace

std::string masked(std::string_view text) {
  std::string counted;
  for (const char c : text)
    if (c != ' ' && c != '-') counted += c;
  if (count_code_points(counted) < kLeastToShowAny) return std::string(kMask) + "****";
  std::size_t begin = counted.size();
  while (count_code_points(std::string_view(counted).substr(begin)) < kShown) --begin;
  return std::string(kMask) + counted.substr(begin);
}

Transforms::Transforms(const std::map<std::string, Transform>& by_pointer, std::string secret)
    : secret_(std::move(secret)) {
  const auto root = std::make_shared<Node>();
  for (const auto& [pointer, transform] : by_pointer) node_at(*root, pointer).transform = transform;
  root_ = root;
}

Transforms::Transforms(const std::map<std::string, WrittenForm>& by_pointer) {
  const auto root = std::make_shared<Node>();
  for (const auto& [pointer, form] : by_pointer) {
    node_at(*root, pointer).form = form;
    may_lengthen_ = may_lengthen_ || !form.words.empty();
  }
  root_ = root;
}

bool Transforms::empty() const {
  return root_->members.empty();
}

void Transforms::apply(std::string& body, CheckedUpload& checked) const {
  std::string rewritten;
  rewritten.reserve(body.size());
  for (RecordSlice& slice : checked.records) {
    const std::string_view record = std::string_view(body).substr(slice.begin, slice.end - slice.begin);
    const auto begin = static_cast<std::uint32_t>(rewritten.size());
    JsonStream stream(record);
    Rewriter rewriter(record, stream, *root_, secret_, rewritten);
    check(!JsonReader().Parse(stream, rewriter).IsError(), "a checked record is JSON");
    rewriter.finish();
    slice = {begin, static_cast<std::uint32_t>(rewritten.size())};
    rewritten += '\n';
  }
  body = std::move(rewritten);
}

std::optional<Problem> bring_into_form(const Transforms& forms, std::string& body, UploadFormat& format,
                                       const UploadLimits& limits) {
  static const std::shared_ptr<const RecordSchema> any_record = [] {
    std::vector<std::string> faults;
    return RecordSchema::compile(R"({"type":"object"})", "", faults);
  }();
  if (forms.empty()) return std::nullopt;
  auto checked = check_upload(body, format, *any_record, limits);
  if (auto* problem = std::get_if<Problem>(&checked)) return std::move(*problem);
  forms.apply(body, std::get<CheckedUpload>(checked));
  format = UploadFormat::kNdjson;
  return std::nullopt;
}

}  // namespace comporta
