#include "engine/app/peers/shard_reads.h"

#include <fmt/format.h>

#include "engine/app/peers/shard_wire.h"
#include "engine/base/encoding.h"

namespace slipstream {
namespace {

HttpResponse bytes(std::string body) {
  HttpResponse response;
  response.content_type = "application/octet-stream";
  response.body = std::move(body);
  return response;
}

void append_item(std::string& out, Item item) { append_u8(out, static_cast<std::uint8_t>(item)); }

HttpResponse not_held(const PlaceOfRead& place) {
  return problem(kNotHeldStatus, fmt::format("commit {} of shard {} is not held here", place.commit.value,
                                             place.shard.value));
}

}  // namespace

HttpResponse ShardReads::answer(const HttpRequest& request) {
  if (request.method != "POST") return problem(405, "instances ask with POST");
  const std::string path = request.segments.size() == 1 ? request.segments.front() : "";
  if (path == kNewestPath) return newest(request);
  if (path == kGetPath) return get(request);
  if (path == kScanPath) return scan(request);
  return problem(404, "here instances read one another's shards; people are answered at the address of http");
}

HttpResponse ShardReads::newest(const HttpRequest& request) {
  const auto question = decode_newest(request.body);
  if (!question) return problem(400, question.error().message);
  if (question->plan_version != plan_->version || question->state_version != plan_->state_version)
    return problem(kOtherDefinitionsStatus,
                   fmt::format("this instance follows other definitions: {}", plan_->version));
  std::string out;
  for (const Partition shard : question->shards) {
    const auto shown = shelf_.hold(shard);
    append_item(out, shown ? Item::here : Item::none);
    if (!shown) continue;
    append_u8(out, shown->caught_up ? 1 : 0);
    append_string(out, encode_note(shown->note));
  }
  return bytes(std::move(out));
}

HttpResponse ShardReads::get(const HttpRequest& request) {
  const auto question = decode_get(request.body);
  if (!question) return problem(400, question.error().message);
  const auto snapshot = shelf_.held(question->place.shard, question->place.commit);
  if (snapshot == nullptr) return not_held(question->place);
  const auto values = snapshot->get_many(question->place.family, question->keys);
  if (!values) return problem(500, values.error().message);
  std::string out;
  for (const auto& value : *values) {
    append_item(out, value ? Item::here : Item::none);
    if (value) append_string(out, *value);
  }
  return bytes(std::move(out));
}

HttpResponse ShardReads::scan(const HttpRequest& request) {
  const auto question = decode_scan(request.body);
  if (!question) return problem(400, question.error().message);
  const auto snapshot = shelf_.held(question->place.shard, question->place.commit);
  if (snapshot == nullptr) return not_held(question->place);
  std::string out;
  bool has_more = false;
  const auto scanned = snapshot->scan(question->place.family, question->from, question->to,
                                      [&](std::string_view key, std::string_view value) {
                                        has_more = !out.empty() && out.size() >= question->bytes;
                                        if (has_more) return false;
                                        append_item(out, Item::here);
                                        append_string(out, key);
                                        append_string(out, value);
                                        return true;
                                      });
  if (!scanned) return problem(500, scanned.error().message);
  append_item(out, has_more ? Item::more : Item::none);
  return bytes(std::move(out));
}

}  // namespace slipstream
