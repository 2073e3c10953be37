// Each line of the input is a line of the tool's shell, and all of them together are the arguments of one
// command line. Nothing is run. Each error must have a name and a text.
#include <cstdlib>

#include "tool/command_line.hpp"
#include "tool/terminal/words.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read(const std::vector<std::string>& words) {
  const auto line = aemp::tool::read_command_line(words);
  if (!line) return require(!line.error().name.empty() && !line.error().text.empty());
  for (const auto& step : line->steps) {
    require(step.what != nullptr);
    std::size_t required = 0;
    for (const auto& p : step.what->parameters()) required += p.required ? 1 : 0;
    require(step.arguments.size() >= required);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    words.push_back(text.substr(at, end - at));
    if (const auto split = aemp::tool::split_words(words.back(), "me")) read(*split);
    at = end + 1;
  }
  read(words);
  return 0;
}
