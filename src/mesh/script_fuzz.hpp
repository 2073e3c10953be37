// Scripts: the input of the fuzzers that play peers behind the handshake. A script is text, so that a person
// can read what breaks a node, and write seeds. Each line is a letter, for who acts, and a JSON value, for
// what he does; which letters there are is the stage's matter (stage_fuzz.hpp).
//
//     a ["", "mon1", "log"]
//     + 2000
//
// Mutation works on the values, not on the bytes, since almost no change of bytes leaves JSON. What it puts
// in comes from the fuzzer's templates: a few lines that hold the words and the shapes of its protocol.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/value.hpp>

#include "sim/chance.hpp"

namespace aemp::mesh {

struct script_line {
  char who;
  value what;
};

class script {
 public:
  static constexpr std::size_t most_lines = 48;

  // Lines that make no sense are left out.
  static script parse(std::string_view text) {
    script out;
    while (!text.empty() && out.lines.size() < most_lines) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.size() < 2) continue;
      if (auto what = value::from_json(line.substr(1))) out.lines.push_back({line[0], std::move(*what)});
    }
    return out;
  }
  std::string text() const {
    std::string out;
    for (const script_line& l : lines) out += std::string(1, l.who) + " " + l.what.to_json() + "\n";
    return out;
  }

  std::vector<script_line> lines;
};

class script_mutator {
 public:
  script_mutator(std::span<const std::string_view> templates, std::uint64_t seed) : luck_(seed) {
    for (const std::string_view line : templates) {
      script one = script::parse(line);
      known_.insert(known_.end(), one.lines.begin(), one.lines.end());
    }
  }

  void mutate(script& s) {
    const std::uint64_t changes = 1 + luck_.below(4);
    for (std::uint64_t i = 0; i < changes; ++i) change(s.lines);
    if (s.lines.size() > script::most_lines) s.lines.resize(script::most_lines);
  }

 private:
  using lines = std::vector<script_line>;

  template <class T>
  auto pick(T& from) {
    return from.begin() + static_cast<std::ptrdiff_t>(luck_.below(from.size()));
  }

  void change(lines& all) {
    if (all.empty() || luck_.one_in(4)) {
      const auto at = all.begin() + static_cast<std::ptrdiff_t>(luck_.below(all.size() + 1));
      all.insert(at, *pick(known_));
      return;
    }
    const auto line = pick(all);
    switch (luck_.below(8)) {
      case 0: {
        script_line again = *line;
        all.insert(pick(all), std::move(again));
        return;
      }
      case 1:
        all.erase(line);
        return;
      case 2:
        std::iter_swap(line, pick(all));
        return;
      case 3:
        line->who = pick(known_)->who;
        return;
      default:
        line->what = changed(line->what, 0);
    }
  }

  value changed(const value& v, int depth) {
    if (v.type() == value::kind::array) return changed_list(v.elements(), depth);
    if (v.type() == value::kind::map) return changed_map(v.entries(), depth);
    if (v.type() == value::kind::integer && luck_.one_in(3)) return v.integer() / 2 + 1;
    if (v.is_text() && v.size() != 0 && luck_.one_in(4)) return std::string(v.text().substr(0, v.size() / 2));
    if (v.is_text() && luck_.one_in(8)) return std::string(v.text()) + std::string(v.text());
    return fresh();
  }

  value changed_list(value::array list, int depth) {
    if (list.empty() || luck_.one_in(6)) {
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(luck_.below(list.size() + 1)), fresh());
    } else if (luck_.one_in(8)) {
      list.erase(pick(list));
    } else if (luck_.one_in(12) && depth > 0) {
      return fresh();
    } else {
      const auto at = pick(list);
      *at = changed(*at, depth + 1);
    }
    return value(std::move(list));
  }

  value changed_map(value::map entries, int depth) {
    if (entries.empty() || luck_.one_in(4)) {
      entries.insert_or_assign(fresh().to_string(), fresh());
    } else if (luck_.one_in(6)) {
      entries.erase(std::next(entries.begin(), static_cast<std::ptrdiff_t>(luck_.below(entries.size()))));
    } else {
      auto at = std::next(entries.begin(), static_cast<std::ptrdiff_t>(luck_.below(entries.size())));
      at->second = changed(at->second, depth + 1);
    }
    return value(std::move(entries));
  }

  // A part of a template, or what sits at the edge of something.
  value fresh() {
    static const std::vector<value> edges = {value(),      0,
                                             -1,           1,
                                             INT64_MAX,    INT64_MIN,
                                             UINT64_MAX,   1e300,
                                             -0.5,         "",
                                             "#",          "a#",
                                             "'l",         true,
                                             "\x01\xff",   std::string(300, 'x'),
                                             value::map(), "12345",
                                             "1.",         "@:,",
                                             "a@b:1",      value(value::array())};
    if (luck_.one_in(3)) return *pick(edges);
    value v = pick(known_)->what;
    while (v.size() != 0 && !luck_.one_in(4)) {
      if (v.type() == value::kind::array) {
        v = value(v.elements()[luck_.below(v.size())]);
      } else if (v.type() == value::kind::map) {
        const auto at = std::next(v.entries().begin(), static_cast<std::ptrdiff_t>(luck_.below(v.size())));
        v = luck_.one_in(2) ? value(at->first) : value(at->second);
      } else {
        break;
      }
    }
    return v;
  }

  sim::chance luck_;
  lines known_;
};

// For LLVMFuzzerCustomMutator.
inline std::size_t mutate_script(std::span<const std::string_view> templates, std::uint8_t* data,
                                 std::size_t size, std::size_t most, unsigned seed) {
  script s = script::parse({reinterpret_cast<const char*>(data), size});
  script_mutator(templates, seed).mutate(s);
  const std::string text = s.text();
  if (text.size() > most) return size;
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

}  // namespace aemp::mesh
