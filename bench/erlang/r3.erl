%% R3 with Erlang distribution: binaries of 1 MiB one way; the last one is acknowledged.
-module(r3).
-export([main/1, consumer/2]).

main(Arguments) ->
    Values = stopwatch:count(Arguments),
    Node = two_nodes:start(),
    Consumer = spawn(Node, ?MODULE, consumer, [self(), Values]),
    Payload = binary:copy(<<"x">>, 1 bsl 20),
    Other = two_nodes:cpu(Node),
    Watch = stopwatch:start(),
    [Consumer ! {data, N, Payload} || N <- lists:seq(1, Values)],
    receive done -> ok end,
    {Time, Cpu} = stopwatch:stop(Watch),
    stopwatch:print_rate(Values, {Time, Cpu + two_nodes:cpu(Node) - Other}, (1 bsl 20) / 1.0e6).

consumer(Main, 0) -> Main ! done;
consumer(Main, Left) -> receive {data, _, Payload} when byte_size(Payload) =:= 1 bsl 20 -> consumer(Main, Left - 1) end.
