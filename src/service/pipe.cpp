#include "service/pipe.hpp"

#include "net/net_error.hpp"

namespace aemp::service {
namespace {

// When more bytes than this wait for the other side, the writer has to wait.
constexpr std::size_t window = 64 * 1024;

class pipe : public std::enable_shared_from_this<pipe> {
 public:
  explicit pipe(core::worker& w) : worker_(w) {}

  void own(int at, net::stream_events& events) {
    sides_[at].events = &events;
    wake(at);
  }
  void pause(int at, bool paused) {
    sides_[at].paused = paused;
    wake(at);
  }
  bool write(int from, std::string& bytes) {
    side& to = sides_[1 - from];
    if (!to.gone) to.arriving += bytes;
    bytes.clear();
    wake(1 - from);
    if (to.arriving.size() <= window) return true;
    sides_[from].writing = true;
    return false;
  }
  // The other side gets what was written, and then the end.
  void leave(int at) {
    sides_[at].events = nullptr;
    sides_[at].gone = true;
    sides_[at].arriving.clear();
    wake(1 - at);
  }

 private:
  struct side {
    net::stream_events* events = nullptr;
    std::string arriving;
    bool paused = false;
    bool writing = false;  // on_sent() is owed
    bool gone = false;
  };

  void wake(int at) {
    worker_.enqueue(detail::make_task([self = shared_from_this(), at] { self->turn(at); }));
  }

  void turn(int at) {
    side& here = sides_[at];
    side& there = sides_[1 - at];
    if (here.events == nullptr || here.paused) return;
    if (!here.arriving.empty()) {
      const std::string bytes = std::exchange(here.arriving, {});
      here.events->on_data(bytes);
    }
    if (there.events != nullptr && here.arriving.size() <= window && std::exchange(there.writing, false))
      there.events->on_sent();
    if (there.gone && here.events != nullptr && here.arriving.empty() && !here.paused)
      std::exchange(here.events, nullptr)->on_closed(std::string(net::end_of_file));
  }

  core::worker& worker_;
  side sides_[2];
};

class pipe_end final : public net::stream {
 public:
  pipe_end(std::shared_ptr<pipe> p, int side) : it_(std::move(p)), side_(side) {}
  ~pipe_end() override { it_->leave(side_); }

  void start(net::stream_events& events) override { it_->own(side_, events); }
  void redirect(net::stream_events& events) override { it_->own(side_, events); }
  bool write(std::string& bytes) override { return it_->write(side_, bytes); }
  void start_tls(net::tls_role, const net::tls_settings&, std::string_view) override {
    throw std::logic_error("a data connection within a node is not encrypted");
  }
  void pause(bool paused) override { it_->pause(side_, paused); }
  void finish(std::string bytes) override {
    it_->write(side_, bytes);
    it_->leave(side_);
  }
  net::endpoint local() const override { return {}; }
  net::endpoint remote() const override { return {}; }

 private:
  std::shared_ptr<pipe> it_;
  const int side_;
};

}  // namespace

std::pair<std::unique_ptr<net::stream>, std::unique_ptr<net::stream>> make_pipe(core::worker& worker) {
  auto both = std::make_shared<pipe>(worker);
  return {std::make_unique<pipe_end>(both, 0), std::make_unique<pipe_end>(both, 1)};
}

}  // namespace aemp::service
