#include "services/cache/redis/applied_entry.h"

#include <algorithm>
#include <charconv>

#include "common/base/error.h"
#include "common/base/text.h"

namespace comporta {
namespace {

constexpr std::string_view kNoMark = "-";

/// What stands before the first `end`, which is taken off with it; all of it if there is none.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

std::size_t number_in(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

AppliedEntry::Parked parse_parked(std::string_view line) {
  std::string_view mark = take_until(line, ' ');
  AppliedEntry::Parked parked;
  parked.part.reason = line;
  if (mark == kNoMark) return parked;
  parked.part.upload = take_until(mark, ':');
  parked.part.part = number_in(mark);
  return parked;
}

}  // namespace

std::string applied_entry(std::string_view applied_at, const BatchCounts& counts, std::string_view kind) {
  return std::string(applied_at) + "," + std::to_string(counts.parts) + "," + std::to_string(counts.records) +
         "," + std::string(kind);
}

void add_parked_part(std::string& entry, std::string_view mark, std::string_view reason) {
  (((entry += '\n') += mark.empty() ? kNoMark : mark) += ' ') += reason;
}

AppliedEntry parse_applied_entry(std::string_view entry) {
  std::string_view head = take_line(entry);
  AppliedEntry parsed{{std::string(take_until(head, ',')), 0, 0}, {}};
  if (head.find(',') == std::string_view::npos)
    throw TransientError("Redis: a foreign entry among the applied batches");
  parsed.batch.parts = number_in(take_until(head, ','));
  parsed.batch.records = number_in(take_until(head, ','));
  while (!entry.empty()) parsed.parked.push_back(parse_parked(take_line(entry)));
  return parsed;
}

std::string_view failure_in(std::string_view entry, std::string_view mark) {
  const std::string start = "\n" + std::string(mark) + " ";
  const std::size_t at = entry.find(start);
  if (at == std::string_view::npos) return {};
  std::string_view reason = entry.substr(at + start.size());
  return take_line(reason);
}

void add_sent_back(AppliedEntry& entry, std::string_view notes) {
  while (!notes.empty()) {
    std::string_view batch = take_line(notes);
    const std::size_t number = number_in(take_until(batch, ' '));
    if (number > 0 && number <= entry.parked.size()) entry.parked[number - 1].sent_back_in = batch;
  }
}

}  // namespace comporta
