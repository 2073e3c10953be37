// For the tests of this room: the captured vectors of tests/vectors/aemp.json, and reading hex.
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aemp::wire::testing {

inline const boost::json::object& vectors() {
  static const boost::json::value all = [] {
    std::ifstream file(AEMP_VECTORS_DIR "/aemp.json");
    std::stringstream text;
    text << file.rdbuf();
    return boost::json::parse(text.str());
  }();
  return all.as_object();
}

inline const boost::json::array& vectors(std::string_view name) { return vectors().at(name).as_array(); }

inline std::string text_of(const boost::json::value& v) { return std::string(v.as_string()); }

inline std::string text_of(const boost::json::value& v, std::string_view key) { return text_of(v.at(key)); }

inline std::size_t size_of(const boost::json::value& v, std::string_view key) {
  return v.at(key).to_number<std::size_t>();
}

inline std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

// The input of the hash vectors: byte i is i mod 251.
inline std::string counting_bytes(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(i % 251));
  return out;
}

}  // namespace aemp::wire::testing
