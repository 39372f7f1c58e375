#include "common/json/record_schema_impl.h"

namespace comporta {
namespace {

/// The reader stands at what it did not expect.
std::string_view expectation_of(rapidjson::ParseErrorCode code, std::string_view rest) {
  switch (code) {
    case rapidjson::kParseErrorValueInvalid:
      return "Here must be a value: a text in double quotes, a number, true, false, null, { or [. A comma "
             "before ] or "
             "} is one too many.";
    case rapidjson::kParseErrorObjectMissName:
      return "Here must be a field's name in double quotes. A comma before } is one too many.";
    case rapidjson::kParseErrorObjectMissColon:
      return "Between a field's name and its value must be a colon.";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "Behind a field must be a comma or }.";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "Behind an entry of a list must be a comma or ].";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "Behind \\u must be four hexadecimal digits, as in \\u00e7.";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "Half a surrogate pair: such a character is two escapes, as in \\ud83d\\ude00.";
    case rapidjson::kParseErrorStringEscapeInvalid:
      if (!rest.starts_with('\\'))
        return "A text cannot hold a line break or a tab as it is: write \\n or \\t.";
      return "Behind a \\ in a text must be one of \" \\ / b f n r t u; a \\ itself is \\\\.";
    case rapidjson::kParseErrorNumberTooBig:
      return "The number is too large.";
    case rapidjson::kParseErrorNumberMissFraction:
    case rapidjson::kParseErrorNumberMissExponent:
      return "The number lacks a digit at its end.";
    default:
      return "This is not JSON.";
  }
}

}  // namespace

std::string syntax_text(rapidjson::ParseErrorCode code, std::string_view rest, bool is_one_line) {
  const std::size_t next = rest.find_first_not_of(" \t\r\n");
  if (code == rapidjson::kParseErrorDocumentRootNotSingular) {
    if (is_one_line) return "Something follows the record: each record has a line of its own.";
    if (rest.starts_with('{'))
      return "A second record begins here. One record a line is application/x-ndjson, in a file named "
             ".ndjson or "
             ".jsonl; in application/json several records are a list: [{…}, {…}].";
    return "Something follows the end of the JSON.";
  }
  if (next == std::string_view::npos || rest[next] == '\0') {
    return is_one_line
               ? "The line ends within a record: each record has one line, and is whole in it."
               : "The upload ends here, within its JSON: it is cut short, or lacks its last \", } or ].";
  }
  return std::string(expectation_of(code, rest));
}

}  // namespace comporta
