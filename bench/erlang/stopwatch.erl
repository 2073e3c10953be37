%% What the Erlang programs have in common: the time and the CPU time of what counts, and the line for bench/run.
-module(stopwatch).
-export([start/0, stop/1, print_rate/2, print_rate/3, print_round_trips/2, count/1, cpu/0]).

count([Count | _]) -> list_to_integer(Count).

%% Milliseconds of all threads of this VM, in user and in kernel mode; statistics(runtime) knows the former only. From the
%% kernel, in whose ticks (100 a second) it is counted: fields 14 and 15, of which 3 is the first after the name.
cpu() ->
    {ok, Text} = file:read_file("/proc/self/stat"),
    [_, AfterName] = string:split(Text, ") ", trailing),
    [User, Kernel] = lists:sublist(string:lexemes(AfterName, " "), 12, 2),
    10 * (binary_to_integer(User) + binary_to_integer(Kernel)).

start() -> {erlang:monotonic_time(nanosecond), cpu()}.
stop({Begin, Cpu}) -> {erlang:monotonic_time(nanosecond) - Begin, cpu() - Cpu}.

print_rate(Things, Took) -> print_rate(Things, Took, 1).
%% Scale of the things make one of the unit.
print_rate(Things, {Nanoseconds, Cpu}, Scale) ->
    io:format("{\"value\": ~.1f, \"cpu_ns\": ~.2f}~n", [Things * Scale * 1.0e9 / Nanoseconds, Cpu * 1.0e6 / Things]),
    halt(0).

%% How long each took, in nanoseconds.
print_round_trips(Each, {Nanoseconds, Cpu}) ->
    Sorted = list_to_tuple(lists:sort(Each)),
    N = tuple_size(Sorted),
    At = fun(Part) -> element(1 + trunc(Part * (N - 1)), Sorted) / 1.0e3 end,
    io:format("{\"value\": ~.3f, \"p99\": ~.3f, \"rate\": ~.1f, \"cpu_ns\": ~.1f}~n",
              [At(0.5), At(0.99), N * 1.0e9 / Nanoseconds, Cpu * 1.0e6 / N]),
    halt(0).
