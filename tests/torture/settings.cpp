#include "tests/torture/settings.hpp"

#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

namespace torture {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::invalid_argument("the file " + path + " cannot be read");
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

// "n0:3:3" or "p1:2:1:raw"
place_list place_of(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() < 3) throw std::invalid_argument("nodes=" + text + ": write NODE:NAMED:PASSING[:raw]");
  return {parts[0], static_cast<std::uint32_t>(std::stoul(parts[1])),
          static_cast<std::uint32_t>(std::stoul(parts[2])), parts.size() > 3};
}

std::chrono::nanoseconds seconds(const std::string& text) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(std::stod(text)));
}

using readers = std::map<std::string, std::function<void(const std::string&)>>;

readers readers_for(settings& s) {
  const auto number = [](auto& to) {
    return
        [&to](const std::string& text) { to = static_cast<std::decay_t<decltype(to)>>(std::stoull(text)); };
  };
  return {
      {"id", [&s](const std::string& text) { s.node.nodeid = text; }},
      {"bind",
       [&s](const std::string& text) {
         s.node.binds = text == "nowhere" ? aemp::string_list{} : aemp::string_list{text};
       }},
      {"seeds", [&s](const std::string& text) { s.node.seeds = split(text, ','); }},
      {"secret", [&s](const std::string& text) { s.node.secret = text; }},
      {"cert", [&s](const std::string& text) { s.node.cert = content_of(text); }},
      {"encryption", [&s](const std::string& text) { s.node.encryption = text; }},
      {"framing", [&s](const std::string& text) { s.node.framing_format = split(text, ','); }},
      {"timeout", [&s](const std::string& text) { s.node.monitor_timeout = seconds(text); }},
      {"interval", [&s](const std::string& text) { s.node.connect_interval = seconds(text); }},
      {"workers",
       [&s](const std::string& text) { s.node.workers = static_cast<unsigned>(std::stoul(text)); }},
      {"nodes",
       [&s](const std::string& text) {
         for (const std::string& n : split(text, ',')) s.nodes.push_back(place_of(n));
       }},
      {"journal", [&s](const std::string& text) { s.journal = text; }},
      {"index", number(s.index)},
      {"incarnation", number(s.incarnation)},
      {"senders", number(s.senders)},
      {"seed", number(s.seed)},
      {"pause_ms", number(s.pause_ms)},
      {"busy", number(s.busy)},
      {"busy_ms", number(s.busy_ms)},
      {"life_ms", number(s.life_ms)},
  };
}

}  // namespace

settings settings_of(int argc, char** argv) {
  settings s;
  s.node.norc = true;
  const readers known = readers_for(s);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t at = word.find('=');
    const auto reader = known.find(word.substr(0, at));
    if (at == std::string::npos || reader == known.end()) {
      throw std::invalid_argument("'" + word + "' is no setting; they are written name=value");
    }
    reader->second(word.substr(at + 1));
  }
  if (s.node.nodeid.empty() || s.journal.empty())
    throw std::invalid_argument("id=… and journal=… are needed");
  return s;
}

}  // namespace torture
