%% The second VM of R1 to R3, started with OTP's own module `peer`, and reached by Erlang distribution over TCP on
%% 127.0.0.1. No epmd: a daemon would outlive the benchmark; bench/run names a port that was free (-erl_epmd_port), at which
%% the second VM listens and where the first looks for it. Both have the flags of ERL_AFLAGS. The second ends with the first,
%% to whose pipe it is tied.
-module(two_nodes).
-export([start/0, cpu/1]).

%% The name of the other node, connected.
start() ->
    {ok, _} = net_kernel:start('bench_client@127.0.0.1', #{name_domain => longnames, dist_listen => false}),
    {ok, _, Node} = peer:start_link(#{name => bench_server, host => "127.0.0.1", longnames => true, connection => standard_io}),
    true = net_kernel:connect_node(Node),
    Node.

cpu(Node) -> erpc:call(Node, stopwatch, cpu, []).
