%% R1 with Erlang distribution: a tag, a pid and a number there and back.
-module(r1).
-export([main/1, ponger/0]).

main(Arguments) ->
    Rounds = stopwatch:count(Arguments),
    Node = two_nodes:start(),
    Ponger = spawn(Node, ?MODULE, ponger, []),
    play(Ponger, Rounds div 10, []),
    Other = two_nodes:cpu(Node),
    Watch = stopwatch:start(),
    Each = play(Ponger, Rounds, []),
    {Time, Cpu} = stopwatch:stop(Watch),
    stopwatch:print_round_trips(Each, {Time, Cpu + two_nodes:cpu(Node) - Other}).

play(_, 0, Each) -> Each;
play(Ponger, N, Each) ->
    Begin = erlang:monotonic_time(nanosecond),
    Ponger ! {ping, self(), N},
    receive {pong, N} -> play(Ponger, N - 1, [erlang:monotonic_time(nanosecond) - Begin | Each]) end.

ponger() -> receive {ping, From, N} -> From ! {pong, N}, ponger() end.
