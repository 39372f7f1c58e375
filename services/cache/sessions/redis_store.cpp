#include "services/cache/sessions/redis_store.h"

#include <utility>

#include "common/base/error.h"
#include "services/cache/apply/key_names.h"

namespace comporta {
namespace {

constexpr int kMaxRaces = 16;

std::optional<std::string> text_in(const RedisValue& value) {
  if (value.is_nil()) return std::nullopt;
  return std::string(value.text());
}

NoteTexts texts_in(const RedisReply& reply) {
  NoteTexts texts;
  for (std::size_t i = 0; i < reply.size(); ++i) texts.push_back(text_in(reply[i]));
  return texts;
}

}  // namespace

RedisPeopleStore::RedisPeopleStore(RedisServer server, std::string prefix)
    : RedisClient(std::move(server)), prefix_(std::move(prefix)), notes_(prefix_ + "-people:") {}

std::optional<std::string> RedisPeopleStore::get(const std::string& key_start, std::string_view rest) {
  return with_connection([&] {
    connection_->send(commands_.command(2).argument("GET").argument(key_start, rest));
    return text_in(connection_->receive());
  });
}

std::optional<std::string> RedisPeopleStore::account_key(std::string_view kind, std::string_view login) {
  return get(view_key_start(prefix_, kind) + "login:", login);
}

std::optional<std::string> RedisPeopleStore::account_text(std::string_view kind, std::string_view key) {
  return get(view_key_start(prefix_, kind) + "account:", key);
}

void RedisPeopleStore::add_names(std::string_view command, const std::vector<std::string>& names) {
  commands_.command(1 + names.size()).argument(command);
  for (const std::string& name : names) commands_.argument(notes_, name);
}

NoteTexts RedisPeopleStore::read(const std::vector<std::string>& names) {
  return with_connection([&] {
    add_names("MGET", names);
    connection_->send(commands_);
    return texts_in(connection_->receive());
  });
}

void RedisPeopleStore::update(const std::vector<std::string>& names, const Change& change) {
  with_connection([&] {
    for (int race = 0; race < kMaxRaces; ++race)
      if (try_update(names, change)) return;
    throw TransientError("Redis: somebody else keeps changing the same session");
  });
}

void RedisPeopleStore::add(const Note& note) {
  if (!note.text) {
    commands_.command(2).argument("DEL").argument(notes_, note.name);
    return;
  }
  commands_.command(5).argument("SET").argument(notes_, note.name).argument(*note.text);
  commands_.argument("PX").argument(static_cast<std::size_t>(note.ttl.count()));
}

/// False when one of the names has been changed since it was read.
bool RedisPeopleStore::try_update(const std::vector<std::string>& names, const Change& change) {
  commands_.clear();
  add_names("WATCH", names);
  add_names("MGET", names);
  connection_->send(commands_);
  connection_->skip(1);
  const std::vector<Note> notes = change(texts_in(connection_->receive()));
  commands_.clear();
  if (notes.empty()) {
    connection_->send(commands_.command(1).argument("UNWATCH"));
    connection_->skip(1);
    return true;
  }
  commands_.command(1).argument("MULTI");
  for (const Note& note : notes) add(note);
  commands_.command(1).argument("EXEC");
  connection_->send(commands_);
  connection_->skip(1 + notes.size());
  return !connection_->receive().is_nil();
}

}  // namespace comporta
