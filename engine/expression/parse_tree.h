// Reading libpg_query's parse tree, which is JSON: nodes are objects of one member, {"Kind": {...}}. Internal
// to the module; boost/json.hpp is heavy.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace slipstream::parse_tree {

namespace json = boost::json;

struct Node {
  std::string_view kind;
  const json::object* body = nullptr;  // null: the value is no node
};

Node node_of(const json::value& value);
// A member of that type, or null, empty or false.
const json::object* object_at(const json::object& object, std::string_view key);
const json::array* array_at(const json::object& object, std::string_view key);
std::string_view string_at(const json::object& object, std::string_view key);
bool flag_at(const json::object& object, std::string_view key);
// The parts of a qualified name, [{"String": {"sval": "a"}}, ...], joined by dots; "*" when a star is among
// them.
std::string dotted(const json::array* parts);
// A name without PostgreSQL's own schema before it.
std::string without_catalog(std::string name);

}  // namespace slipstream::parse_tree
