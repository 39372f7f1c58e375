#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/error.h"
#include "common/base/utf8.h"
#include "common/json/record_checker.h"

namespace comporta {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Each line is read as a document of its own: the parser stops at NUL, which stands in for the line break
/// for so long. Line breaks within a record's JSON are faults, then, as they should be.
void read_lines(RecordChecker& checker, std::string& body, std::size_t begin) {
  bool good = true;
  while (good && begin < body.size()) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    if (!is_blank(std::string_view(body).substr(begin, end - begin))) {
      const char line_break = std::exchange(body[end], '\0');
      good = checker.read(begin, false);
      body[end] = line_break;
    }
    begin = end + 1;
  }
}

void replace_line_breaks(std::string& body) {
  for (const char line_break : {'\n', '\r'})
    for (std::size_t at = body.find(line_break); at != std::string::npos; at = body.find(line_break, at + 1))
      body[at] = ' ';
}

/// Nothing is known of `body` yet, but where what no JSON text may hold begins. Says all that is wrong with
/// it.
std::variant<CheckedUpload, Problem> look_closely(std::string& body, std::size_t begin, std::size_t unfit,
                                                  UploadFormat format, const RecordSchema::Impl& schema,
                                                  const UploadLimits& limits) {
  const BorrowedSchema compiled(schema);
  RecordChecker checker(body, schema, *compiled, limits);
  if (unfit != std::string::npos)
    checker.refuse_syntax(
        unfit, "No UTF-8, or a control character. Save the file as UTF-8, without control characters.");
  else if (format == UploadFormat::kJson)
    checker.read(begin, true);
  else
    read_lines(checker, body, begin);
  if (std::optional<Problem> problem = checker.verdict()) return std::move(*problem);
  return CheckedUpload{checker.take_records()};
}

}  // namespace

std::variant<CheckedUpload, Problem> check_upload(std::string& body, UploadFormat format,
                                                  const RecordSchema& schema, const UploadLimits& limits) {
  check(body.size() < std::numeric_limits<std::uint32_t>::max(), "an upload is smaller than 4 GiB");
  const std::size_t begin = body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  if (is_blank(std::string_view(body).substr(begin)))
    return Problem{400, "urn:comporta:problem:empty", "The upload is empty",
                   "There is nothing in the upload."};
  const std::size_t unfit = find_byte_unfit_for_json(body);
  const RecordSchema::Impl& impl = schema.impl();
  std::optional<std::vector<RecordSlice>> quickly;
  if (unfit == std::string::npos && impl.flat_rules)
    quickly = impl.flat_rules->accept(body, begin, format, limits);
  std::variant<CheckedUpload, Problem> result = CheckedUpload{};
  if (quickly)
    result = CheckedUpload{std::move(*quickly)};
  else
    result = look_closely(body, begin, unfit, format, impl, limits);
  if (std::holds_alternative<CheckedUpload>(result)) replace_line_breaks(body);
  return result;
}

}  // namespace comporta
