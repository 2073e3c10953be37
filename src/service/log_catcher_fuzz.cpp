// Fuzzes the log catcher: peers ask for this node's log, and send log lines to ports that this node does not
// have. See services_fuzz.hpp.
#include "service/services_fuzz.hpp"

namespace {

constexpr std::string_view templates[] = {R"(a ["","AnyEvent::MP::LogCatcher::connect",0,"a#log",9])",
                                          R"(b ["","AnyEvent::MP::LogCatcher::connect",0,"b#log",7])",
                                          R"(a ["","AnyEvent::MP::LogCatcher::connect",0,"a#other",-1])",
                                          R"(a ["","kil0","a#log","tired"])",
                                          R"(b ["","kil0","log","tired"])",
                                          R"(a ["","eval","causes a line"])",
                                          R"(a ["","snd","no port"])",
                                          R"(a null)",
                                          R"(a true)",
                                          R"(= ["mon","a#x"])",
                                          R"(+ 1000)",
                                          R"(+ 31000)"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aemp::service::service_stage({{}, {{"mproto", "1"}}}).play({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  return aemp::mesh::mutate_script(templates, data, size, most, seed);
}
