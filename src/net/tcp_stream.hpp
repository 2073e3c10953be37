// One TCP connection, with or without TLS. What transport.hpp calls a stream is a thin handle here.
// Outstanding operations keep the connection behind it alive, so the handle may be destroyed at any moment,
// and finish() can go on without it.
//
// Memory: an idle connection has a buffer of 2 KiB, which the kernel fills when something arrives. Only when
// that is full is the rest read, into the 64 KiB buffer that all connections of a transport share. So a lone
// message costs one system call to wait, one to read and one to write; and ten thousand idle connections cost
// 30 MiB, not 640. When the owner knows the place of the next bytes, the kernel puts them there, and what
// follows them into those 2 KiB; and it wakes us only when much is there.
#pragma once

#include <array>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "net/silence_watch.hpp"
#include "net/tls.hpp"
#include "net/transport.hpp"

namespace aemp::net {

class tcp_connection;

// What the connections of a transport share. It outlives them.
struct tcp_shared {
  static constexpr std::size_t read_size = 64 * 1024;

  explicit tcp_shared(boost::asio::io_context& c) : context(c) {}

  boost::asio::io_context& context;
  std::unique_ptr<char[]> read_buffer;   // read_size; what was read
  std::unique_ptr<char[]> plain_buffer;  // read_size + tls_session::spare; the same, decrypted
  std::string sealed;                    // what is about to be sent, encrypted
  // By PEM, or "psk"; a node has one or two.
  std::map<std::string, std::shared_ptr<const tls_context>> tls_contexts;

  std::list<tcp_connection*> lingering;  // connections that send their last words; the oldest first
  int newest = 0;                        // the number of the newest descriptor: all below it are taken

  std::size_t room() const;
  char* reading();
  char* decrypting();
  result<std::shared_ptr<const tls_context>> context_for(const tls_settings& settings);
};

// The connection. Its reference count is not atomic, as it belongs to one thread.
class tcp_connection : public boost::intrusive_ref_counter<tcp_connection, boost::thread_unsafe_counter> {
 public:
  using ptr = boost::intrusive_ptr<tcp_connection>;
  using socket = boost::asio::ip::tcp::socket;

  // The socket is connected. Sets the options of C.1 (keepalive, no delay), and how much unsent the kernel
  // may hold.
  tcp_connection(std::shared_ptr<tcp_shared> shared, socket connected, endpoint local, endpoint remote);

  // As in stream.
  void start(stream_events& events);
  void redirect(stream_events& events);
  bool write(std::string& bytes);
  bool write_pieces(std::span<const std::string_view> pieces);
  void start_tls(tls_role role, const tls_settings& settings, std::string_view received);
  std::vector<std::string> certified_names() const {
    return tls_ && tls_->ready() ? tls_->certified_names() : std::vector<std::string>();
  }
  void pause(bool paused);
  void look();
  void give_up_after(core::duration silence);
  std::size_t unconfirmed() const;
  void finish(std::string bytes);
  void abandon();  // the handle is gone

  const endpoint local;
  const endpoint remote;

 private:
  static constexpr std::size_t small_size = 2048;
  static constexpr std::size_t most_awaited = std::size_t{1} << 20;
  // Then others have their turn: after so many fills of the shared buffer, or so long.
  static constexpr int max_fills = 4;
  static constexpr auto longest_take = std::chrono::microseconds(250);

  // Reading: tcp_read.cpp.
  void start_reading();
  void resume_reading();
  void wake_at(std::size_t bytes);
  std::span<char> place();
  bool read_more(std::size_t size, boost::system::error_code& code);
  bool read_into(std::span<char> place, boost::system::error_code& code);
  std::string why_ended(const boost::system::error_code& code) const;
  void on_read(const boost::system::error_code& code, std::size_t size);
  void take(std::size_t size);
  bool deliver(std::string_view bytes);
  bool deliver_portion(std::string_view bytes);
  void feed_tls(std::string_view bytes);
  void begin_tls();
  void tls_failed(const aemp::error& why);
  void end(const std::string& why);

  // Writing.
  void limit_unsent(std::size_t pieces);
  void look_for_silence();
  bool send(std::string& bytes, bool notify);
  bool send_pieces();
  bool seal_pieces();
  std::string take_pieces();
  void forget_pieces();
  void continue_sending();
  void on_room(const boost::system::error_code& code);
  void on_written(const boost::system::error_code& code, std::size_t size);
  void sent_all();
  void on_all_written();
  void sending_failed(std::string why);
  void linger(std::string& bytes);
  void close();

  bool reads() const { return events_ != nullptr ? !paused_ : finishing_; }

  std::shared_ptr<tcp_shared> shared_;
  socket socket_;
  stream_events* events_ = nullptr;  // null before start(), and when there is nobody to tell any more
  std::array<char, small_size> small_;
  std::size_t held_ = 0;                         // bytes in small_ that came while paused
  std::size_t portion_ = tcp_shared::read_size;  // what the shared buffer is filled with at most
  std::string out_;                              // what the kernel did not take yet; asio reads from it
  std::size_t sent_ = 0;                         // of out_
  std::string next_;                             // what has to follow out_
  // The owner's, not with the kernel yet; sent before out_.
  std::vector<boost::asio::const_buffer> pieces_;
  std::size_t piece_ = 0;  // the first piece that is not with the kernel
  int unsent_limit_ = 0;   // bytes that the kernel may hold beyond what it has sent
  std::string failure_;    // why sending failed; the reader says it when all is read
  std::unique_ptr<tls_session> tls_;
  std::unique_ptr<std::string> tls_received_;            // what start_tls() was given, until begin_tls()
  std::unique_ptr<boost::asio::steady_timer> deadline_;  // of finish()
  struct watched_silence {
    watched_silence(boost::asio::io_context& context, int socket, core::duration limit)
        : watch(socket, limit), next(context) {}
    silence_watch watch;
    boost::asio::steady_timer next;
  };
  std::unique_ptr<watched_silence> silence_;  // of give_up_after()
  bool reading_ = false;                      // a read is with asio
  int wakes_at_ = 1;                          // bytes; see wake_at()
  bool after_place_ = false;                  // there will probably be a place again soon
  bool taking_ = false;                       // inside take(), which goes on reading by itself
  bool paused_ = false;
  bool sending_ = false;    // out_ is with asio
  bool notify_ = false;     // on_sent() is owed
  bool finishing_ = false;  // tell nobody, send what was written, and discard what arrives
  std::list<tcp_connection*>::iterator lingers_at_;  // while that is so
};

// Makes the stream of a socket that is connected with that place. Null, and why, when it is connected no
// more.
std::unique_ptr<stream> make_tcp_stream(std::shared_ptr<tcp_shared> shared, tcp_connection::socket connected,
                                        const boost::asio::ip::tcp::endpoint& with,
                                        boost::system::error_code& code);

// Convert between asio's endpoints and ours.
[[nodiscard]] endpoint endpoint_of(const boost::asio::ip::tcp::endpoint& place);
[[nodiscard]] result<boost::asio::ip::tcp::endpoint> asio_endpoint(const endpoint& place);

}  // namespace aemp::net
