// Writing is one pass that appends, with the length put in front at the end. Reading begins when a frame is
// complete; native_reader then takes it apart.
#include "wire/framing_native.hpp"

#include <bit>
#include <utility>

#include "data/appender.hpp"
#include "data/utf8.hpp"
#include "wire/element.hpp"
#include "wire/native_format.hpp"
#include "wire/native_reader.hpp"

namespace aemp::wire {
namespace {

using namespace native;

// Longer first elements are rather data than tags.
constexpr std::size_t longest_tag = 64;

// Looks at both ends only: that is where names of ports differ.
std::uint64_t hash_of(std::string_view name) {
  if (name.size() < 8) return symbol_key(name);
  return load(name.data(), 8) + 0x9e3779b97f4a7c15 * load(name.data() + name.size() - 8, 8) + name.size();
}

class writer {
 public:
  writer(std::string& to, numbering<port_id>& ids) : out_(to), ids_(ids) {}
  void flush() { out_.flush(); }

  // The length is not known yet.
  void head() {
    char* const to = out_.room();
    std::memset(to, 0, head_size);
    to[head_size] = static_cast<char>(message_frame);
    out_.took(head_size + 1);
  }

  void destination(std::string_view name, numbering<std::string>& ports) {
    const std::uint64_t hash = hash_of(name);
    if (const auto n = ports.find(hash, [&](const std::string& known) { return known == name; })) {
      return varint(2 * *n);
    }
    const std::uint64_t n = name.size() <= longest_name ? ports.define(hash, std::string(name)) : unnumbered;
    varint(2 * n + 1);
    sized(name);
  }

  void count(std::size_t elements) { varint(elements); }

  // Returns false for a first element that is written like every other.
  bool tag(const detail::block& b, numbering<std::string>& tags) {
    if (b.key == 0) return false;
    const bool is_value = b.ops->rest == nullptr;
    if (is_value && object_in<value>(b.ops->raw(b, 0))->type() != value::kind::text) return false;
    const bool packed = (b.key & detail::hashed_tag_bit) == 0;
    const auto is = [&](const std::string& known) { return packed || known == b.ops->tag(b); };
    if (const auto n = tags.find(b.key, is)) {
      if (*n < integer - small_known) {
        byte(small_known + *n);
      } else {
        byte(known_text);
        varint(*n);
      }
      return true;
    }
    const std::string_view name = b.ops->tag(b);
    if (name.size() > longest_tag || !data::is_utf8(name)) return false;
    byte(new_text);
    varint(tags.define(b.key, std::string(name)));
    sized(name);
    return true;
  }

  void append(std::string_view s) {
    if (!data::is_utf8(s)) return append_bytes(s);
    counted(small_text, small_bytes, text, s.size());
    out_.put(s);
  }

  [[gnu::always_inline]] void append(std::int64_t n) {
    const std::uint64_t small =
        static_cast<std::uint64_t>(n) - static_cast<std::uint64_t>(lowest_small_integer);
    if (small < small_text) return byte(static_cast<unsigned>(small));
    const std::uint64_t folded = zigzag(n);
    const std::size_t size = (static_cast<std::size_t>(std::bit_width(folded)) + 7) / 8;
    char* const to = out_.room();
    to[0] = static_cast<char>(integer + size - 1);
    store(to + 1, folded, 8);
    out_.took(1 + size);
  }

  void append(double d) { eight(real, std::bit_cast<std::uint64_t>(d)); }

  void append(const value& v) {
    switch (v.type()) {
      case value::kind::null:
        return byte(null);
      case value::kind::boolean:
        return byte(v.boolean() ? yes : no);
      case value::kind::integer:
        return append(v.integer());
      case value::kind::unsigned_integer:
        return eight(unsigned_integer, v.unsigned_integer());
      case value::kind::real:
        return append(v.real());
      case value::kind::text:
        return append(v.text());
      case value::kind::bytes:
        return append_bytes(v.text());
      case value::kind::port:
        return append(v.port());
      case value::kind::object:
        return append(std::string_view(v.to_string()));
      case value::kind::array:
        counted(small_list, small_map, list, v.size());
        for (const value& element : v.elements()) append(element);
        return;
      case value::kind::map:
        counted(small_map, small_known, map, v.size());
        for (const auto& [key, entry] : v.entries()) {
          sized(key);
          append(entry);
        }
        return;
    }
  }

 private:
  [[gnu::always_inline]] void byte(unsigned b) { out_.put(static_cast<char>(b)); }

  [[gnu::always_inline]] void varint(std::uint64_t n) {
    for (; n >= 0x80; n >>= 7) byte(static_cast<unsigned>(n & 0x7f) | 0x80);
    byte(static_cast<unsigned>(n));
  }

  void sized(std::string_view s) {
    varint(s.size());
    out_.put(s);
  }

  // A kind of element with a size: in the first byte, from `small` up to `end`, or behind `large`.
  [[gnu::always_inline]] void counted(unsigned small, unsigned end, unsigned large, std::size_t size) {
    if (size < end - small) return byte(small + static_cast<unsigned>(size));
    byte(large);
    varint(size);
  }

  void eight(unsigned first, std::uint64_t n) {
    char* const to = out_.room();
    to[0] = static_cast<char>(first);
    store(to + 1, n, 8);
    out_.took(9);
  }

  void append_bytes(std::string_view s) {
    counted(small_bytes, small_list, bytes, s.size());
    out_.put(s);
  }

  // As text where the receiver could not make an ID of it again.
  void append(const port_id& id) {
    const std::uint64_t hash = id ? id.hash() : 0;
    if (const auto n = ids_.find(hash, [&](const port_id& known) { return known == id; })) {
      byte(known_port);
      return varint(*n);
    }
    const std::string name = id.str();
    if (name.size() > longest_name || !port_id::parse(name)) return append(std::string_view(name));
    byte(new_port);
    varint(ids_.define(hash, id));
    sized(name);
  }

  data::appender out_;
  numbering<port_id>& ids_;
};

}  // namespace

void native_encoder::append(std::string& to, std::string_view port, const message& m) {
  const std::size_t start = to.size();
  writer out(to, ids_);
  out.head();
  out.destination(port, ports_);
  const std::size_t size = m.size();
  out.count(size);
  for (std::size_t i = size != 0 && out.tag(*m.get(), tags_) ? 1 : 0; i < size; ++i) {
    with_element(m, i, [&](const auto& element) { out.append(element); });
  }
  out.flush();
  store(to.data() + start, to.size() - start - head_size, head_size);
}

// How long the frame is, its length included; head_size as long as that is not known.
result<std::size_t> native_decoder::frame_size(std::string_view begun) const {
  if (begun.size() < head_size) return head_size;
  const std::uint64_t length = load(begun.data(), head_size);
  if (length == 0) return error{"malformed_packet", "aemp1: a frame without a type"};
  if (head_size + length > limits_.max_packet) return packet_too_large(limits_.max_packet);
  return head_size + static_cast<std::size_t>(length);
}

// False after a failure. Leaves what is not complete, and what is not right, to be looked at more closely.
bool native_decoder::take_whole_frames(std::string_view& in, packet_sink& sink) {
  while (in.size() > head_size) {
    const auto length = static_cast<std::uint32_t>(load(in.data(), head_size));
    if (length == 0 || length > in.size() - head_size || head_size + length > limits_.max_packet) break;
    if (!take_frame(in.substr(head_size, length), sink)) return false;
    in.remove_prefix(head_size + length);
  }
  return true;
}

result<std::size_t> native_decoder::decode(std::string_view in, packet_sink& sink) {
  std::string_view rest = in;
  while (!rest.empty()) {
    if (begun_.empty() && !take_whole_frames(rest, sink)) return failure_;
    if (rest.empty()) break;
    const auto size = frame_size(begun_.empty() ? rest : std::string_view(begun_));
    if (!size) return size.error();
    const std::string_view more = rest.substr(0, *size - begun_.size());
    begun_ += more;
    rest.remove_prefix(more.size());
    if (begun_.size() < *size || *size == head_size) {
      // The bytes may tell more than they did, also when no more come.
      if (const auto now = frame_size(begun_); !now) return now.error();
      continue;
    }
    if (!take_frame(std::string_view(begun_).substr(head_size), sink)) return failure_;
    begun_.clear();
    constexpr std::size_t worth_keeping = 4096;
    if (begun_.capacity() > worth_keeping) begun_.shrink_to_fit();
  }
  return in.size();
}

bool native_decoder::take_frame(std::string_view frame, packet_sink& sink) {
  native_reader reader(frame, *this);
  destination to("");
  message m;
  switch (reader.read(to, m)) {
    case native_reader::outcome::message:
      deliver(to, std::move(m), sink);
      return true;
    case native_reader::outcome::skip:
      return true;
    case native_reader::outcome::failure:
      break;
  }
  failure_ = reader.why();
  return false;
}

}  // namespace aemp::wire
