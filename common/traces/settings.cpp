#include "common/traces/settings.h"

#include <charconv>
#include <optional>

#include "common/config/settings.h"

namespace comporta {
namespace {

bool is_endpoint(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    return !text.empty() && text.front() != '/' && text.find_first_of("?#@ ") == std::string_view::npos;
  }
  return false;
}

std::optional<double> ratio_in(const std::string& text) {
  double ratio = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, ratio, std::chars_format::fixed);
  const bool good = error == std::errc() && stop == end && ratio >= 0 && ratio <= 1;
  return good ? std::optional(ratio) : std::nullopt;
}

}  // namespace

TraceSettings read_trace_settings(const Section& section) {
  TraceSettings traces;
  traces.endpoint = section.text("endpoint", "");
  while (traces.endpoint.ends_with('/')) traces.endpoint.pop_back();
  if (!traces.endpoint.empty() && !is_endpoint(traces.endpoint))
    section.fault("endpoint", "must be http(s)://host[:port], perhaps with a path, or empty");
  traces.max_waiting = static_cast<std::size_t>(
      section.count("max_waiting", {.fallback = 4'096, .min = 64, .max = 1'000'000}));
  return traces;
}

TraceSampling read_trace_sampling(const Section& section) {
  TraceSampling sampling;
  const auto ratio = ratio_in(section.text("sample", "0.01"));
  if (!ratio) section.fault("sample", "must be a number from 0 to 1");
  sampling.ratio = ratio.value_or(sampling.ratio);
  sampling.anonymous_decide = section.flag("anonymous_decide", true);
  return sampling;
}

}  // namespace comporta
