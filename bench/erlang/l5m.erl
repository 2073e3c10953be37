%% L5m in Erlang: what an idle process takes of the memory that is resident, without the list of pids. It waits as processes do;
%% one that hibernates takes less, and more time for its next message.
-module(l5m).
-export([main/1]).

main(Arguments) ->
    Processes = stopwatch:count(Arguments),
    Before = resident(),
    Pids = [spawn(fun idle/0) || _ <- lists:seq(1, Processes)],
    [Pid ! {hello, self()} || Pid <- Pids],
    [receive hello -> ok end || _ <- Pids],
    Bytes = resident() - Before - 16 * Processes,
    io:format("{\"value\": ~.1f}~n", [Bytes / Processes]),
    halt(0).

idle() -> receive {hello, From} -> From ! hello, idle() end.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:lexemes(Text, " "),
    binary_to_integer(Pages) * 4096.
