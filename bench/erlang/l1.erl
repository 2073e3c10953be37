%% L1 in Erlang: a ball between two processes, with a tag, the sender's pid and a number.
-module(l1).
-export([main/1]).

main(Arguments) ->
    Messages = stopwatch:count(Arguments),
    Ponger = spawn(fun ponger/0),
    Watch = stopwatch:start(),
    Ponger ! {ping, self(), Messages},
    pinger(Ponger),
    stopwatch:print_rate(Messages, stopwatch:stop(Watch)).

ponger() ->
    receive {ping, From, N} -> From ! {pong, self(), N - 2}, ponger() end.

pinger(Ponger) ->
    receive
        {pong, _, N} when N =< 0 -> ok;
        {pong, From, N} -> From ! {ping, self(), N}, pinger(Ponger)
    end.
