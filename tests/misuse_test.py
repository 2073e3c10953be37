#!/usr/bin/env python3
"""Programs that misuse the library do not compile, and the compiler says in one sentence what is wrong.
Usage: misuse_test.py COMPILER INCLUDE...
"""

import pathlib
import subprocess
import sys
import tempfile

BEGIN = "#include <aemp/aemp.hpp>\nusing namespace aemp;\nusing namespace std::chrono_literals;\n"

# A sentence of the error, and what is wrong.
WRONG = [
    ("takes its parameters by value", "task<> f(const std::string&) { co_return; }\nvoid g() { spawn(f, \"x\"); }"),
    ("takes its parameters by value", "void g() { port(\"x\", [](std::string_view) -> task<> { co_return; }); }"),
    ("nobody takes its result", "task<int> f() { co_return 1; }\nvoid g() { spawn(f); }"),
    ("pass the function and its arguments, not the task", "task<> f(int) { co_return; }\nvoid g() { spawn(f(1)); }"),
    ("the first argument is a function", "void g() { spawn([](auto) {}, 1); }"),
    ("let it begin a coroutine", "void g() { peval(port(), []() -> task<> { co_return; }); }"),
    ("std::string instead of std::string_view", "task<> f() { (void)co_await receive<std::string_view>(\"x\"); }"),
    ("the whole message is taken by", "task<> f() { (void)co_await receive<message>(\"x\"); }"),
    ("capture by reference, or give the closure a name",
     "task<> f(std::string s) { co_await receive(on(\"x\", [s] { (void)s; })); }"),
    ("the function returns nothing: it cannot wait", "task<> f() { co_await receive(on(\"x\", []() -> task<> { co_return; })); }"),
    ("the function returns nothing: it cannot wait", "task<> f() { co_await receive(on(\"x\", [] { return 1; })); }"),
    ("one call operator", "task<> f() { co_await receive(on(\"x\", [](auto) {})); }"),
    ("each operand is something that can be awaited", "task<> f() { co_await any([]() -> task<> { co_return; }, sleep_for(1s)); }"),
    ("say what the reply consists of", "task<> f(port_id p) { co_await cal(p, \"x\").as<>(); }"),
    ("std::string instead of", "task<> f(port_id p) { (void)co_await cal(p, \"x\").as<std::string_view>(); }"),
    ("a time has a unit", "void g() { after(5, [] {}); }"),
    ("a time has a unit", "void g() { after([] {}, 5s); }"),
    ("a time has a unit", "void g() { every(1, [] {}); }"),
    ("a time has a unit", "void g(port_id p) { cal(p, \"x\").within(5).then([] {}); }"),
    ("a time has a unit", "task<> f() { co_await sleep_for(5); }"),
    ("a time has a unit", "task<> f() { co_await receive(\"x\").within(5); }"),
    ("a time has a unit", "config c = {.monitor_timeout = 30};"),
    ("this setting is a list of texts", "config c = {.binds = \"127.0.0.1:4040\"};"),
    ("in front of a handler stands what it is for", "void g() { port(5, [] {}); }"),
    ("in front of a handler stands what it is for", "void g(port_id p) { rcv(p, \"a\", [] {}, 5, [] {}); }"),
    ("first comes the port, then the elements", "void g(port_id p) { snd(\"x\", p); }"),
    ("first comes the port, then a tag", "void g(port_id p) { rcv(\"x\", p, [] {}); }"),
    ("first comes the port that is watched", "void g(port_id p) { mon([] {}, p); }"),
    ("first comes the port, then the reason", "void g(port_id p) { kil(\"x\", p); }"),
    ("by value or by const reference", "void g() { port(\"x\", [](int&) {}); }"),
    ("no `auto` parameters", "void g() { port(\"x\", [](auto) {}); }"),
    ("behind a tag comes its handler", "void g(port_id p) { rcv(p, \"x\"); }"),
    ("a function that takes the data_connection", "void g() { connect_to(\"n\", 5s, \"f\", \"x\"); }"),
    ("awaits channel_to instead", "void g() { connect_to(\"n\", 5s, \"f\", [](data_connection) -> task<> { co_return; }); }"),
    ("a time has a unit", "void g() { connect_to(\"n\", 5, \"f\", [](data_connection) {}); }"),
    ("is its data_connection", "void g() { define_data(\"f\", [] {}); }"),
    ("so it is moved", "task<> f(task<int> t) { (void)co_await t; }"),
    ("how many messages may be sent", "void g(port_id p) { when_drained(p, [](std::string) {}); }"),
    ("psub: the function cannot wait", "void g() { psub([]() -> task<> { co_return; })(); }"),
    ("first a strategy, then a restart_limit", "void g() { supervise(one_for_one, child(\"a\", [] { return port(); })); }"),
    ("first a strategy, then a restart_limit",
     "void g(node& n) { n.supervise(one_for_one, 3, child(\"a\", [] { return port(); })); }"),
    ("behind the name comes a function", "void g() { (void)child(\"a\", port()); }"),
    ("the function returns the port of the child", "void g() { (void)child(\"a\", [] {}); }"),
    ("nodiscard", "void g(child_spec c) { c.transient(); }"),
    ("nodiscard", "task<> f() { sleep_for(1s); co_return; }"),
    ("nodiscard", "task<> f() { receive(\"x\"); co_return; }"),
    ("nodiscard", "task<> g() { co_return; }\ntask<> f() { g(); co_return; }"),
]
# The same for contracts, whose errors also name the message: "forget" is in the first line that the compiler says.
SHOP = """namespace shop {
inline constexpr request<"add", int(int, int)> add{};
inline constexpr notice<"forget", port_id> forget{};
inline constexpr request<"today", int()> today{};
using api = contract<add, forget>;
}
using to_shop = port_to<shop::api>;
const auto sum = [](int a, int b) { return a + b; };
const auto ignore = [](port_id) {};
void g(to_shop c) { (void)c; """
CONTRACTS = [
    ("forget", "an argument is of another type", "snd(c, shop::forget, 1);"),
    ("today", "is none of the contract", "cal(c, shop::today);"),
    ("forget", "which has no reply", "cal(c, shop::forget, self());"),
    ("add", "takes another number of arguments", "cal(c, shop::add, 1).then(ignore);"),
    ("add", "an argument is of another type", "cal(c, shop::add, 1, 2.5);"),
    ("add", "an argument is of another type", "cal(c, shop::add, \"1\", 2);"),
    ("", "then: the continuation takes the reply", "cal(c, shop::add, 1, 2).then([](std::string) {});"),
    ("", "for others, send to its port()", "snd(c, \"forget\", self());"),
    ("", "for others, send to its port()", "cal(c, \"add\", 1, 2).then(ignore);"),
    ("forget", "an argument is of another type", "snd(self(), shop::forget, 1);"),
    ("add", "an argument is of another type", "cal(c, shop::add, std::optional<double>(1), 2);"),
    ("add", "takes the arguments of its message",
     "serve<shop::api>(self(), shop::add, [](int, int, reply_to<int>&&) -> task<> { co_return; }, shop::forget, ignore);"),
    ("add", "the handler returns the reply",
     "serve<shop::api>(self(), shop::add, [](int, int) -> task<double> { co_return 1; }, shop::forget, ignore);"),
    ("add", "an argument is of another type", "cal(c, shop::add, std::optional<int>(1), 2);"),
    ("forget", "has no handler", "serve<shop::api>(self(), shop::add, sum);"),
    ("add", "another type than the argument", "serve<shop::api>(self(), shop::add, [](int a, std::string) { return a; }, shop::forget, ignore);"),
    ("add", "the handler returns the reply", "serve<shop::api>(self(), shop::add, [](int, int) { return \"x\"; }, shop::forget, ignore);"),
    ("add", "no `auto` parameters", "serve<shop::api>(self(), shop::add, [](int a, auto) { return a; }, shop::forget, ignore);"),
    ("add", "takes the arguments of its message", "serve<shop::api>(self(), shop::add, [](int a) { return a; }, shop::forget, ignore);"),
    ("add", "nobody takes what this handler returns",
     "serve<shop::api>(self(), shop::add, [](int, int, reply_to<int>) { return 1; }, shop::forget, ignore);"),
    ("forget", "nobody takes what this handler returns",
     "serve<shop::api>(self(), shop::add, sum, shop::forget, [](port_id) { return 1; });"),
    ("today", "is none of the contract", "serve<shop::api>(self(), shop::add, sum, shop::forget, ignore, shop::today, [] { return 1; });"),
    ("", "behind each message comes its handler", "serve<shop::api>(self(), shop::add, sum, shop::forget);"),
    ("", "takes its parameters by value",
     "serve<shop::api>(self(), shop::add, [](const int& a, int) -> task<int> { co_return a; }, shop::forget, ignore);"),
    ("", "two messages have the same name", "static constexpr notice<\"add\"> other{}; (void)contract<shop::add, other>::has<int>;"),
    ("", "the arguments of a message are values", "static constexpr notice<\"x\", const char*> x{}; (void)contract<x>::has<int>;"),
]
OF_GCC_12 = [
    ("give the aggregate a name before",
     "struct person { std::string name; int age; };\ntask<> f(port_id p) { co_await cal(p, \"x\", person{\"a\", 7}); }"),
    ("give the aggregate a name before",
     "struct person { std::string name; int age; };\ntask<> f(port_id p) { co_await cal(p, \"x\", person{\"a\", 7}).within(1s).as<int>(); }"),
]
RIGHT = """
struct person { std::string name; int age; };
namespace shop {
inline constexpr request<"add", int(int, int)> add{};
inline constexpr request<"forget", void(person)> forget{};
using api = contract<add, forget>;
}
void contracts(port_to<shop::api> c) {
  serve<shop::api>(self(), shop::add, [](int a, int b) { return a + b; },
                   shop::forget, [](const person&, reply_to<void> done) { done(); });
  cal(c, shop::forget, person{"a", 7}).then([] {});
}
task<int> inner(const std::string& s) { co_return static_cast<int>(s.size()); }
task<> f(port_id p, std::string s) {
  const person who{"a", 7};
  co_await cal(p, "x", who);
  const auto what = [s] { (void)s; };
  co_await receive(on("x", what), on(otherwise, [&](const message& m) { s = m.tag(); }));
  (void)co_await inner("temporary");
  auto first = co_await any(receive<int>("a"), sleep_for(1s));
  if (first.index() == 0) s = std::to_string(std::get<0>(first));
  cal(p, "x", person{"b", 8}).then([] {});
  auto again = receive<int>("n");
  const int sum = co_await again + co_await again;
  if (sum == 0) co_await sleep_for(1s);
}
void g() { spawn(f, port(), "x"); }
"""


def main():
    compiler, includes = sys.argv[1], [f"-I{folder}" for folder in sys.argv[2:]]
    version = subprocess.run([compiler, "-dumpversion"], capture_output=True, text=True).stdout
    is_gcc_12 = "clang" not in compiler and int(version.split(".")[0]) < 13
    cases = [("", said, text, False) for said, text in WRONG + (OF_GCC_12 if is_gcc_12 else [])]
    cases += [(name, said, SHOP + text + " }", False) for name, said, text in CONTRACTS] + [("", "", RIGHT, True)]
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        header = pathlib.Path(name) / "begin.hpp"
        header.write_text(BEGIN)
        command = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", *includes, "-I", name]
        # The headers are compiled once, as there are many programs.
        subprocess.run([*command, "-x", "c++-header", header], check=True)
        for number, (of, said, text, compiles) in enumerate(cases):
            source = pathlib.Path(name) / f"{number}.cpp"
            # g++ forgets in a compiled header which warnings it switches off.
            source.write_text((BEGIN if compiles else "") + text + "\n")
            extra = []
            if not compiles:
                with_header = ["-include-pch", f"{header}.gch"] if "clang" in compiler else ["-include", header]
                extra = [*with_header, "-Wno-invalid-offsetof"]
            run = subprocess.run([*command, *extra, "-fsyntax-only", source], capture_output=True, text=True)
            before, _, first = run.stderr.partition("error:")
            first = first.split("\n")[0]
            if (run.returncode == 0) != compiles or said not in first or of and f'"{of}"' not in before + first:
                failed += 1
                wanted = "should compile" if compiles else f"should not compile, and say first '{said}' {of}"
                print(f"--- {wanted}:\n{text}\n--- said:\n{run.stderr[:3000]}")
    print(f"{len(cases) - failed} of {len(cases)} programs get what they deserve")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
