// Access to libpg_query's parse tree.
#include "engine/expression/parse_tree.h"

namespace slipstream::parse_tree {

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}
const json::array* array_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}
std::string_view string_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}
bool flag_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const bool* flag = value == nullptr ? nullptr : value->if_bool();
  return flag != nullptr && *flag;
}

Node node_of(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr || object->size() != 1) return {};
  return {object->begin()->key(), object->begin()->value().if_object()};
}

std::string dotted(const json::array* parts) {
  std::string name;
  if (parts == nullptr) return name;
  for (const json::value& part : *parts) {
    const Node node = node_of(part);
    if (node.kind == "A_Star") return "*";
    if (node.kind != "String" || node.body == nullptr) return {};
    if (!name.empty()) name += '.';
    name += string_at(*node.body, "sval");
  }
  return name;
}

std::string without_catalog(std::string name) {
  constexpr std::string_view kCatalog = "pg_catalog.";
  if (name.starts_with(kCatalog)) name.erase(0, kCatalog.size());
  return name;
}

}  // namespace slipstream::parse_tree
