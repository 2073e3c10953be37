%% R2 with Erlang distribution: a tag, a number and 16 bytes one way; the last one is acknowledged.
-module(r2).
-export([main/1, consumer/2]).

main(Arguments) ->
    Messages = stopwatch:count(Arguments),
    Node = two_nodes:start(),
    Consumer = spawn_opt(Node, ?MODULE, consumer, [self(), Messages], [{message_queue_data, off_heap}]),
    Other = two_nodes:cpu(Node),
    Watch = stopwatch:start(),
    produce(Consumer, 0, Messages),
    receive done -> ok end,
    {Time, Cpu} = stopwatch:stop(Watch),
    stopwatch:print_rate(Messages, {Time, Cpu + two_nodes:cpu(Node) - Other}).

produce(_, Messages, Messages) -> ok;
produce(To, N, Messages) -> To ! {data, N, <<"sixteen bytes in">>}, produce(To, N + 1, Messages).

consumer(Main, Messages) -> consume(0, Messages), Main ! done.

consume(Messages, Messages) -> ok;
consume(Seen, Messages) ->
    receive {data, Seen, <<_:16/binary>>} -> consume(Seen + 1, Messages) end.
