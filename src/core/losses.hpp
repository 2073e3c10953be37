// What was lost on the way to other nodes, and who has heard of it. A message whose sender had not heard of a loss does
// not arrive after that loss.
//
// A loss begins an epoch. Its news goes to every worker of the node, behind what arrived there before, together with
// the monitors that fire there. Each message to another node carries the last epoch whose news its sender had heard. If
// a loss on its way is younger, the message is dropped: the sender is about to be told. So what a handler, a timer or
// another thread sends between a loss and its news never goes out on the next connection, and no stream of messages has
// a hole without a monitor that fired for it.
//
// A loss concerns a node, or one port of a node (a message to it that cannot be sent). It is forgotten when no sender
// is left that has not heard of it.
//
// Belongs to the network worker, except latest() and the taggers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/message.hpp>

#include "core/epoch.hpp"
#include "core/owned.hpp"

namespace aemp::core {

// What one worker is told of a loss: handlers that are called with a message, one after the other, and no other code of
// the user's in between.
struct loss_news {
  struct item {
    handle to;
    detail::owned* what;
    message content;
  };
  epoch when = 0;
  std::vector<item> items = {};
  std::size_t told = 0;  // so many of them
};

// The news of one loss: a part for each worker of the node.
class bulletin {
 public:
  bulletin(epoch when, unsigned workers);

  // The handler gets this message, on its owner's worker.
  void add(detail::owned& to, const message& content);
  // The same for all that are in the list, which is empty then.
  void move_all(owned_list& from, const message& content);

  std::vector<std::unique_ptr<loss_news>> take() { return std::move(parts_); }  // by worker

 private:
  std::vector<std::unique_ptr<loss_news>> parts_;
};

class losses {
 public:
  explicit losses(unsigned workers) : workers_(workers) {}
  losses(const losses&) = delete;
  losses& operator=(const losses&) = delete;

  epoch latest() const noexcept { return latest_; }

  // A loss: everything on the way to that node, or, if `port` is not empty, to that port of it.
  epoch begin(std::string_view node, std::string_view port, const message& reason);

  // For a message to that port, from a sender that had heard of losses up to `heard`: the reason of a younger loss, for
  // which the message must not go out. Null: it may go out.
  const message* since(epoch heard, std::string_view node, std::string_view port) const {
    return heard == latest_ || by_node_.empty() ? nullptr : find_since(heard, node, port);
  }

  // A worker has told its part of the news; everything it sent before is here already.
  void heard_by_one(epoch when);
  // What everybody has heard of may be forgotten. Call it when everything is here that was sent while
  // is_quiet() said true, or before.
  void forget(epoch up_to);
  // The youngest epoch that everybody has heard of; zero: there is none that is still remembered.
  epoch heard_by_all() const noexcept { return settled_; }

  // While one exists on a thread that is no worker, it may be about to send something of an old epoch.
  class tagger {
   public:
    explicit tagger(losses& l) noexcept : losses_(l) { losses_.taggers_.fetch_add(1); }
    tagger(const tagger&) = delete;
    tagger& operator=(const tagger&) = delete;
    ~tagger() { losses_.taggers_.fetch_sub(1); }

   private:
    losses& losses_;
  };
  bool is_quiet() const noexcept { return taggers_.load() == 0; }

  std::size_t remembered() const noexcept { return by_node_.size(); }

 private:
  struct loss {
    epoch when = 0;
    message reason = {};
  };
  struct node_losses {
    loss whole = {};
    std::map<std::string, loss, std::less<>> ports = {};
  };

  const message* find_since(epoch heard, std::string_view node, std::string_view port) const;

  const unsigned workers_;
  epoch latest_ = 0;
  epoch settled_ = 0;
  std::map<epoch, unsigned> to_hear_;  // workers that have not told it yet
  std::map<std::string, node_losses, std::less<>> by_node_;
  std::atomic<unsigned> taggers_{0};
};

}  // namespace aemp::core
