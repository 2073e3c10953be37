%% L3 in Erlang: 100 producers, one consumer.
-module(l3).
-export([main/1]).

main(Arguments) ->
    Each = stopwatch:count(Arguments) div 100,
    Main = self(),
    Consumer = spawn_opt(fun() -> consume(Each * 100), Main ! done end, [{message_queue_data, off_heap}]),
    Watch = stopwatch:start(),
    [spawn(fun() -> produce(Consumer, Each) end) || _ <- lists:seq(1, 100)],
    receive done -> ok end,
    stopwatch:print_rate(Each * 100, stopwatch:stop(Watch)).

produce(_, 0) -> ok;
produce(To, N) -> To ! {data, N}, produce(To, N - 1).

consume(0) -> ok;
consume(Left) ->
    receive {data, _} -> consume(Left - 1) end.
