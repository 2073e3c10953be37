// Fuzzes data connections: what peers announce, and what they send on the streams that they open for them.
// See services_fuzz.hpp.
#include "service/services_fuzz.hpp"

namespace {

constexpr std::string_view templates[] = {
    R"(a ["","AnyEvent::MP::DataConn::_expect","b@a","a#port",10,"echo","first"])",
    R"(b ["","AnyEvent::MP::DataConn::_expect","b@a","b#port",0.5,"echo",1,2])",
    R"(a ["","AnyEvent::MP::DataConn::_connect","b@a","a"])",
    R"(a ["","AnyEvent::MP::DataConn::_expect","c@a","a#port",10,"nothing"])",
    R"(A ["b@a","hello"])",
    R"(B ["b@a","hello","stop"])",
    R"(A null)",
    R"(a null)",
    R"(a true)",
    R"(= ["mon","a#port"])",
    R"(+ 1000)",
    R"(+ 11000)"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aemp::service::service_stage({{}, {}}).play({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  return aemp::mesh::mutate_script(templates, data, size, most, seed);
}
