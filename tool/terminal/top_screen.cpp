#include "tool/terminal/top_screen.hpp"

#include <algorithm>

#include "tool/terminal/table.hpp"

namespace aemp::tool {
namespace {

grid::cell amount(const std::optional<double>& n) { return {n ? in_units(*n) : "-", n.value_or(-1)}; }
grid::cell duration(const std::optional<double>& n) { return {n ? in_time(*n) : "-", n.value_or(-1)}; }
grid::cell count(const value& v) { return {v.is_null() ? "-" : v.to_string(), v.to<double>().value_or(-1)}; }

// Characters, not bytes.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t end = 0, width = 0;
  while (end < text.size()) {
    if ((text[end] & 0xc0) != 0x80 && width++ == columns) break;
    ++end;
  }
  return text.substr(0, end);
}

std::string in_reverse(const std::string& line) { return "\033[7m" + line + "\033[0m"; }
std::string in_bold(const std::string& line) { return "\033[1m" + line + "\033[0m"; }

// Underlines the letters that sort.
std::string heading_of(const grid& g, const std::string& line, std::size_t columns) {
  std::string text = cut(line, columns);
  std::size_t at = 0;
  for (const grid::column& c : g.columns) {
    at = text.find(c.heading, at);
    if (at == std::string::npos) break;
    const std::size_t letter = c.heading.find(static_cast<char>(std::toupper(c.key)));
    at += c.heading.size();
    if (c.key == 0 || letter == std::string::npos) continue;
    const std::string marked = "\033[4m" + std::string(1, c.heading[letter]) + "\033[24m";
    text.replace(at - c.heading.size() + letter, 1, marked);
    at += marked.size() - 1;
  }
  return in_bold(text);
}

}  // namespace

const grid::column* grid::find(char key) const {
  const auto found = std::ranges::find(columns, key, &column::key);
  return key == 0 || found == columns.end() ? nullptr : &*found;
}

void grid::sort(char key, bool reversed) {
  const column* const by = find(key);
  if (by == nullptr) return;
  const auto i = static_cast<std::size_t>(by - columns.data());
  std::ranges::stable_sort(rows, [i, reversed](const std::vector<cell>& one, const std::vector<cell>& other) {
    const cell& a = reversed ? other[i] : one[i];
    const cell& b = reversed ? one[i] : other[i];
    return i == 0 ? a.text < b.text : a.number > b.number;
  });
}

std::vector<std::string> grid::lines() const {
  std::vector<std::vector<std::string>> texts(1);
  for (const column& c : columns) texts[0].push_back(c.heading);
  for (const auto& row : rows) {
    texts.emplace_back();
    for (const cell& c : row) texts.back().push_back(c.text);
  }
  std::vector<std::string> lines;
  const std::string all = table(texts);
  for (std::size_t begin = 0; begin <= all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    lines.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

grid grid_of(const std::vector<node_row>& nodes) {
  grid g{{{"NODE", 'n'},
          {"MSGS/S", 'm'},
          {"IN/S", 'i'},
          {"OUT/S", 'o'},
          {"WAITING", 'w'},
          {"QUEUED", 'u'},
          {"ROUND TRIP", 'r'},
          {"PORTS", 'p'},
          {"PEERS", 'e'},
          {"UP FOR", 'f'}}};
  for (const node_row& n : nodes) {
    const auto if_told = [&n](double figure) { return n.told ? std::optional(figure) : std::nullopt; };
    g.rows.push_back({{n.node},
                      amount(n.messages),
                      amount(n.bytes_in),
                      amount(n.bytes_out),
                      amount(if_told(n.waiting)),
                      amount(if_told(n.queued)),
                      duration(n.round_trip),
                      amount(if_told(n.ports)),
                      amount(if_told(n.peers)),
                      duration(if_told(n.uptime))});
  }
  return g;
}

grid grid_of(const std::vector<connection_row>& connections) {
  grid g{{{"CONNECTION", 'n'},
          {"WITH", 0},
          {"MSGS/S", 'm'},
          {"IN/S", 'i'},
          {"OUT/S", 'o'},
          {"QUEUED", 'u'},
          {"ROUND TRIP", 'r'}}};
  for (const connection_row& c : connections) {
    g.rows.push_back({{c.node},
                      {c.peer},
                      amount(c.messages),
                      amount(c.bytes_in),
                      amount(c.bytes_out),
                      amount(c.queued),
                      duration(c.round_trip)});
  }
  return g;
}

grid grid_of_ports(const value::array& ports, const value::array& queues) {
  std::map<std::string, value> waiting;
  for (const value& worker : queues) {
    const value& of = worker["ports"];
    for (std::size_t i = 0; i < of.size(); ++i) waiting[of[i]["port"].to_string()] = of[i]["waiting"];
  }
  grid g{{{"PORT", 'p'},
          {"WAITING", 'w'},
          {"HANDLERS", 'h'},
          {"MONITORS", 'm'},
          {"OWNS", 'o'},
          {"DROPPED", 'd'}}};
  for (const value& p : ports) {
    const std::string name = p["port"].to_string();
    const auto found = waiting.find(name);
    g.rows.push_back({{name},
                      count(found == waiting.end() ? value(0) : found->second),
                      count(p["handlers"]),
                      count(p["monitors"]),
                      count(p["owns"]),
                      count(p["dropped"])});
  }
  return g;
}

std::vector<std::string> picture(const std::string& title, const grid& upper, const grid& lower,
                                 const std::string& marked, const std::string& keys,
                                 const screen_size& size) {
  std::vector<std::string> rows = {in_bold(cut(title, size.columns))};
  const bool two = !lower.columns.empty();
  const std::size_t room = size.rows > 2 ? size.rows - 2 : 0;  // without title and keys

  // Each table gets half of the room, and what the other one does not need.
  const std::size_t wanted = upper.rows.size() + 1, wanted_below = two ? lower.rows.size() + 2 : 0;
  const std::size_t below = std::min(wanted_below, std::max(room / 2, room - std::min(room, wanted)));
  const std::size_t above = std::min(wanted, room - below);

  const std::vector<std::string> lines = upper.lines();
  std::size_t mark = 1;
  for (std::size_t i = 0; i < upper.rows.size(); ++i) {
    if (upper.rows[i][0].text == marked) mark = i + 1;
  }
  const std::size_t first = mark >= above ? mark - above + 2 : 1;
  if (above > 0) rows.push_back(heading_of(upper, lines[0], size.columns));
  for (std::size_t i = first; i < lines.size() && i - first + 1 < above; ++i) {
    const std::string line = cut(lines[i], size.columns);
    rows.push_back(i == mark ? in_reverse(line) : line);
  }
  if (below > 1) {
    rows.emplace_back();
    const std::vector<std::string> more = lower.lines();
    for (std::size_t i = 0; i < more.size() && i + 1 < below; ++i) {
      rows.push_back(i == 0 ? heading_of(lower, more[i], size.columns) : cut(more[i], size.columns));
    }
  }
  rows.resize(std::max<std::size_t>(size.rows, 1) - 1);
  rows.push_back(cut(keys, size.columns));
  return rows;
}

}  // namespace aemp::tool
