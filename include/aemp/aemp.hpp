// The whole library except aemp/asio.hpp, aemp/polled_host.hpp and aemp/service.hpp, which you include when you need them.
#pragma once

#include <aemp/call.hpp>
#include <aemp/config.hpp>
#include <aemp/contract.hpp>
#include <aemp/data_connection.hpp>
#include <aemp/group.hpp>
#include <aemp/log.hpp>
#include <aemp/log_catcher.hpp>
#include <aemp/match.hpp>
#include <aemp/message.hpp>
#include <aemp/monitor.hpp>
#include <aemp/node.hpp>
#include <aemp/port.hpp>
#include <aemp/port_id.hpp>
#include <aemp/receive.hpp>
#include <aemp/result.hpp>
#include <aemp/serve.hpp>
#include <aemp/supervisor.hpp>
#include <aemp/task.hpp>
#include <aemp/unsendable.hpp>
#include <aemp/value.hpp>
#include <aemp/version.hpp>
#include <aemp/wait.hpp>
