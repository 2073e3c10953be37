%% L2 in Erlang: one process sends all its messages in one go, another takes them.
-module(l2).
-export([main/1]).

main(Arguments) ->
    Messages = stopwatch:count(Arguments),
    Main = self(),
    %% The mailbox is long: kept outside the heap it is not copied by each garbage collection.
    Consumer = spawn_opt(fun() -> consume(0, Messages), Main ! done end, [{message_queue_data, off_heap}]),
    Watch = stopwatch:start(),
    spawn(fun() -> produce(Consumer, 0, Messages) end),
    receive done -> ok end,
    stopwatch:print_rate(Messages, stopwatch:stop(Watch)).

produce(_, Messages, Messages) -> ok;
produce(To, N, Messages) -> To ! {data, N}, produce(To, N + 1, Messages).

consume(Messages, Messages) -> ok;
consume(Seen, Messages) ->
    receive {data, Seen} -> consume(Seen + 1, Messages) end.
