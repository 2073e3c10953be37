%% L6 in Erlang: 1000 pairs play L1 at once. The VM puts processes where there is work to do, so pairs that stay and pairs
%% that cross are the same program here.
-module(l6).
-export([main/1]).

main(Arguments) ->
    Rounds = stopwatch:count(Arguments) div 2000,
    Main = self(),
    Watch = stopwatch:start(),
    [spawn(fun() -> pinger(spawn(fun ponger/0), Rounds), Main ! done end) || _ <- lists:seq(1, 1000)],
    [receive done -> ok end || _ <- lists:seq(1, 1000)],
    stopwatch:print_rate(Rounds * 2000, stopwatch:stop(Watch)).

pinger(_, 0) -> ok;
pinger(Ponger, N) ->
    Ponger ! {ping, self(), N},
    receive {pong, Left} -> pinger(Ponger, Left) end.

ponger() ->
    receive
        {ping, From, 1} -> From ! {pong, 0};
        {ping, From, N} -> From ! {pong, N - 1}, ponger()
    end.
