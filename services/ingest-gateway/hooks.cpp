#include "services/ingest-gateway/hooks.h"

#include <optional>

#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/config/settings.h"
#include "common/telemetry/log.h"
#include "services/ingest-gateway/notice_record.h"

namespace comporta::gateway {
namespace {

using Keys = std::vector<std::string>;

/// Short secrets can be found by trying.
constexpr std::size_t kLeastKey = 16;
constexpr const char* kFolder = "secrets_dir";

Keys read_keys(const Section& section, const std::string& folder, const KindHook& hook) {
  Keys keys;
  for (const std::string& name : hook.secrets) {
    const auto secret = read_secret_file(folder, name);
    if (!secret) continue;
    const auto key = signing_key(hook.scheme, *secret);
    if (!key || key->size() < kLeastKey)
      section.fault(kFolder, "`" + name + "` is no secret of " + std::string(rules_of(hook.scheme).name) +
                                 ", or has less than " + std::to_string(kLeastKey) + " bytes");
    keys.push_back(key.value_or(""));
  }
  return keys;
}

Problem too_large() {
  return {.status = 413,
          .type = "urn:comporta:problem:too-large",
          .title = "The notice is too large",
          .detail = "A notice has at most 64 KiB."};
}

Problem not_believed(std::string detail) {
  return {.status = 401,
          .type = "urn:comporta:problem:bad-signature",
          .title = "Not believed",
          .detail = std::move(detail)};
}

/// Why a notice with that signature is not taken; nothing if it is.
std::optional<Problem> unless_believed(SignatureVerdict verdict, KindHook::Demand demand) {
  switch (verdict) {
    case SignatureVerdict::kGood:
      return std::nullopt;
    case SignatureVerdict::kAbsent:
      if (demand != KindHook::Demand::kRequired) return std::nullopt;
      return not_believed("It has to be signed.");
    case SignatureVerdict::kOutsideWindow:
      return not_believed("It was signed too long ago, or one of two clocks is wrong.");
    case SignatureVerdict::kWrong:
      break;
  }
  return not_believed("Its signature is not that of this notice with the secret that was agreed on.");
}

}  // namespace

HookSettings read_hook_settings(const Section& section, const KindSet& kinds) {
  HookSettings settings;
  const std::string folder = section.text(kFolder, "");
  for (const auto& [name, kind] : kinds.all()) {
    if (!kind.hook || kind.hook->demand == KindHook::Demand::kOff) continue;
    Keys& keys = settings.keys[name];
    keys = read_keys(section, folder, *kind.hook);
    const bool names_some = !kind.hook->secrets.empty();  // otherwise that is a fault of the kind
    if (keys.empty() && names_some && kind.hook->demand == KindHook::Demand::kRequired)
      section.fault(kFolder, "has none of the secrets by which the kind " + name +
                                 " knows its notices: " + kind.hook->secrets.front());
  }
  return settings;
}

Hooks::Hooks(const KindSet& kinds, const HookSettings& settings, Metrics& metrics, Clock clock)
    : clock_(clock) {
  for (const auto& [name, kind] : kinds.all()) {
    if (!kind.hook) continue;
    const auto keys = settings.keys.find(name);
    const auto counter = [&, kind = name](const char* outcome) {
      return metrics.counter("comporta_notices_total", "Notices from outside",
                             {{"kind", kind}, {"outcome", outcome}});
    };
    told_.emplace(name, Told{{kind.hook->scheme, keys == settings.keys.end() ? Keys() : keys->second,
                              kind.hook->window},
                             {counter("signed"), counter("unsigned"), counter("refused")}});
    if (keys != settings.keys.end() && keys->second.empty())
      log_info("no secret is there: signed notices are refused", {{"kind", name}});
  }
}

std::variant<std::string, Problem> Hooks::record_of(const Kind& kind, const HttpRequest& notice) const {
  if (notice.body.size() > kMaxNoticeBytes) return too_large();
  const auto query = parse_query(notice.query);
  if (!query) return bad_query();
  check(kind.hook.has_value(), "the kind has a hook");
  const KindHook& hook = *kind.hook;
  const Told& told = told_.find(kind.name)->second;
  const auto verdict = hook.demand == KindHook::Demand::kOff
                           ? SignatureVerdict::kAbsent
                           : verify_signature(told.rule, notice, *query, clock_());
  if (auto problem = unless_believed(verdict, hook.demand)) {
    told.outcomes[kRefused].add();
    return *std::move(problem);
  }
  told.outcomes[verdict == SignatureVerdict::kGood ? kSigned : kUnsigned].add();
  auto record = notice_record(hook, notice, *query);
  if (!record) return bad_request("the notice is not JSON");
  return *std::move(record);
}

}  // namespace comporta::gateway
