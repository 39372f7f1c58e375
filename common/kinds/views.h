#pragma once
// What a kind's views.lua needs to be told, and how its queries may be asked: `views` in kind.yaml.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/kinds/words.h"

namespace comporta {

/// As written in kind.yaml: a time with its unit (`60s`), a whole number, `true` or `false`, any other text.
using ViewConstant = std::variant<std::chrono::milliseconds, std::int64_t, bool, std::string>;

/// One parameter of a query's URL.
struct QueryParameter {
  enum class Type {
    kText,
    kCount,   ///< a whole number
    kFlag,    ///< `true` or `false`
    kDate,    ///< a day of the calendar: `2026-11-22`
    kCursor,  ///< what a page of a list gave to go on with: every one that may be given
    kCpf,     ///< a Brazilian taxpayer's number, as its 11 digits
  };
  Type type = Type::kText;
  bool required = false;
  std::string fallback;      ///< used when it is not sent; fits; empty: none
  std::string example = {};  ///< for the API's document; fits; empty: none
  std::int64_t min = 0;      ///< kCount: the least number; kText, kCursor: the fewest bytes
  std::int64_t max = 256;    ///< kCount: the greatest number; kText, kCursor: the most bytes
  /// It is the key of the caller's account, unless a role lets them ask about others.
  bool is_caller = false;
  bool folded = false;  ///< of a text, the views are given it folded
  Words words = {};     ///< a text must be one of them, and the views are given what is kept; empty: any text
};

/// The score and the name of an entry of a list: a number as Lua writes it, a semicolon, and a member of the
/// longest (LONGEST_MEMBER in services/cache/views/prelude/db.lua).
inline constexpr std::int64_t kMaxCursorBytes = 24 + 1 + 1'024;

QueryParameter cursor_parameter();
/// Whether `value` may be sent for `parameter`.
bool fits(const QueryParameter& parameter, std::string_view value);
/// A value that fits, as the views are given it.
std::string value_for_views(const QueryParameter& parameter, std::string_view value);
/// For people: `a whole number from 1 to 100`. What is wrong with `value` may make it more exact.
std::string expectation(const QueryParameter& parameter, std::string_view value = {});
/// `text`, `count`, `flag`, `date`, `cursor` or `cpf`: as in kind.yaml.
std::string_view type_name(QueryParameter::Type type);

struct KindQuery {
  std::string title_pt;
  std::string title_en;
  std::map<std::string, QueryParameter, std::less<>> parameters;
};

struct KindViews {
  enum class Order {
    kCommutative,  ///< the records may be applied in any order
    kOrdered,      ///< a late record must not take back what a later one said
  };
  std::vector<std::string> fields;  ///< members of a record that views.lua is given
  /// Members by which a record is compared with the one before it: `apply` is asked only if one of them has
  /// another text. Empty: `apply` is asked about every record.
  std::vector<std::string> compares;
  /// Members of which views.lua is given the folded text beside; by that they are compared.
  std::vector<std::string> folded;
  Order order = Order::kCommutative;
  /// The kind of the family whose names views.lua sets and reads; empty: it has names of its own.
  std::string names_of;
  std::map<std::string, ViewConstant, std::less<>> parameters;
  std::map<std::string, KindQuery, std::less<>> queries;  ///< every one that may be asked
};

}  // namespace comporta
