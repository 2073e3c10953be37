// Groups and families as a coroutine follows them.
//
//     group_view printers("printers");
//     for (;;) {
//       std::vector<port_id> now = co_await printers.next();
//       …
//     }
//
// next() gives all that is known: the first time soon, as grp_mon and db_mon do, and later as soon as it has changed since.
// So changes that come while the coroutine does something else are not missed; they come as one, and may have undone each
// other. Of a group that is empty at first there is nothing to give before it has a member.
//
// A view is made in a coroutine of a port, where it stays. One coroutine at a time waits for it, alone or in all() and
// any(). Destroying it ends it. Cost: that of the monitor, and a copy for each next().
#pragma once

#include <coroutine>
#include <string>
#include <utility>
#include <vector>

#include <aemp/group.hpp>
#include <aemp/waiting_place.hpp>

namespace aemp {

namespace detail {

template <class Content>
class view {
 public:
  view(const view&) = delete;
  view& operator=(const view&) = delete;

  class [[nodiscard]] awaiter {
   public:
    explicit awaiter(view& of) noexcept : of_(of) {}
    awaiter(awaiter&& other) noexcept : of_(other.of_) {}  // before it begins
    awaiter& operator=(awaiter&&) = delete;
    ~awaiter() {
      if (waits_) of_.waiting_.leave();
    }
    bool await_ready() const noexcept { return of_.changed_; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> h) {
      of_.waiting_.wait(strand_of(h), h);
      waits_ = true;
    }
    Content await_resume() {
      waits_ = false;
      of_.changed_ = false;
      return of_.content_;
    }

   private:
    view& of_;
    bool waits_ = false;
  };
  awaiter next() { return awaiter(*this); }

 protected:
  view() = default;
  ~view() { monitor_.cancel(); }

  void begin(monitor m) noexcept { monitor_ = std::move(m); }
  void take(Content content) {
    content_ = std::move(content);
    changed_ = true;
    waiting_.go_on();
  }

 private:
  monitor monitor_;
  Content content_;
  bool changed_ = false;
  waiting_place waiting_;
};

}  // namespace detail

// The members of a group, ordered by ID.
class group_view : public detail::view<std::vector<port_id>> {
 public:
  explicit group_view(const std::string& group) {
    begin(grp_mon(group, [this](std::vector<port_id> members) { take(std::move(members)); }));
  }
};

// The keys and values of a family.
class family_view : public detail::view<value::map> {
 public:
  explicit family_view(const std::string& family) {
    begin(db_mon(family, [this](value::map all) { take(std::move(all)); }));
  }
};

}  // namespace aemp
