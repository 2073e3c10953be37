// Splits and joins at semicolons and commas. The checks here need no knowledge of our own node.
#include "wire/greeting.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "wire/session_error.hpp"

namespace aemp::wire {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (part.empty() || part.find(',') != std::string::npos) {
      throw std::invalid_argument("greeting: the list entry '" + part + "' is empty or holds a comma");
    }
    if (!out.empty()) out += ',';
    out += part;
  }
  return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_protocol(std::string_view word) {
  return word == "aemp" || (word.starts_with("aemp-") && word.size() > std::string_view("aemp-").size());
}

}  // namespace

std::optional<std::string_view> greeting::key(std::string_view name) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.first == name; });
  if (found == keys.end()) return std::nullopt;
  return found->second;
}

bool greeting::offers_tls() const {
  const auto version = key("tls");
  return version && (*version == "1" || version->starts_with("1."));
}

bool greeting::is_foreign_version_2() const {
  static constexpr std::string_view ours[] = {"arbiter", "heartbeat", "instance", "psk", "relay"};
  if (!key("mproto") && !key("gproto")) return false;
  return std::none_of(std::begin(ours), std::end(ours),
                      [&](std::string_view k) { return key(k).has_value(); });
}

result<greeting> parse_greeting(std::string_view line) {
  const std::vector<std::string> fields = split(line, ';');
  if (fields.empty() || !is_protocol(fields[0])) {
    return make_error(session_error::unparsable_greeting, "expected 'aemp', got " + quoted(line));
  }
  if (fields.size() < 2 || !is_version_1(fields[1])) {
    return make_error(session_error::version_mismatch,
                      "we speak version 1, they speak " + quoted(fields.size() < 2 ? "" : fields[1]));
  }
  if (fields.size() < 5) {
    return make_error(session_error::unparsable_greeting, "five fields are needed, got " + quoted(line));
  }
  if (!is_node_id(fields[2]))
    return make_error(session_error::bad_node_id, "the node ID " + quoted(fields[2]));

  greeting g{.line = std::string(line),
             .protocol = fields[0],
             .version = fields[1],
             .node_id = fields[2],
             .auth = split(fields[3], ','),
             .framings = split(fields[4], ','),
             .keys = {}};
  for (std::size_t i = 5; i < fields.size(); ++i) {
    const auto equals = fields[i].find('=');
    g.keys.emplace_back(fields[i].substr(0, equals),
                        equals == std::string::npos ? std::string() : fields[i].substr(equals + 1));
  }
  return g;
}

std::string print_greeting(const greeting& g) {
  if (!is_node_id(g.node_id)) {
    throw std::invalid_argument("greeting: the node ID '" + g.node_id +
                                "' holds ';', '#' or a control character, or more than 255 bytes");
  }
  std::vector<std::string> fields = {g.protocol, g.version, g.node_id, join(g.auth), join(g.framings)};
  for (const auto& [name, value] : g.keys) {
    if (name.find('=') != std::string::npos)
      throw std::invalid_argument("greeting: the key '" + name + "' holds '='");
    fields.push_back(name + '=' + value);
  }
  std::string line;
  for (const std::string& field : fields) {
    if (field.find_first_of(";\r\n") != std::string::npos) {
      throw std::invalid_argument("greeting: the field '" + field + "' holds ';' or a line end");
    }
    if (!line.empty()) line += ';';
    line += field;
  }
  if (line.size() >= max_line)
    throw std::invalid_argument("greeting: the line would have more than 4095 bytes");
  return line;
}

bool is_node_id(std::string_view id) {
  return id.size() <= max_node_id &&
         std::none_of(id.begin(), id.end(), [](char c) { return c == ';' || c == '#' || is_control(c); });
}

bool is_version_1(std::string_view version) {
  double number = 0;
  const auto [end, failure] =
      std::from_chars(version.data(), version.data() + version.size(), number, std::chars_format::fixed);
  return failure == std::errc() && end == version.data() + version.size() && number == 1;
}

}  // namespace aemp::wire
