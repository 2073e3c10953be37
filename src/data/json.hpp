// Values as JSON text (RFC 8259) and back, for the framing of that name and for people. value::to_json and
// its relatives are implemented here, too.
//
// What is written is compact: non-ASCII as raw UTF-8, no escaped slashes, maps in key order.
// - A real number always has a point or an exponent (3.0), so that it comes back as one, in the fewest digits
//   that read back the same. An infinity is 1e999, which every reader turns into an infinity. Not-a-number is
//   the text "nan", since JSON has none.
// - Text or bytes that are not UTF-8 are written as Perl writes them, one character per byte.
// - A port is its text.
//
// What is read: a number without point and exponent is an integer if it fits 64 bits, signed or unsigned,
// else the text of its digits, as in Perl. Other numbers are the nearest double; 1e400 is an infinity. Of
// equal keys in a map the last counts. Errors: invalid UTF-8, lone surrogates, comments, and the bare words
// inf and nan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

#include "data/appender.hpp"

namespace aemp::data {

void append_json(appender& out, const value& v);
void append_json(appender& out, std::string_view text);  // one JSON string, with its quotes
void append_json(appender& out, std::int64_t n);
void append_json(appender& out, double d);

// Reads one value at a time from text that arrives in slices, cut anywhere. It keeps the unfinished value,
// not its text, so it looks at each byte once. One owner at a time. Do not use the reader after an error.
//
// Cost: an allocation per list, map entry and long text. The reader itself reuses its memory for the next
// value.
class json_reader {
 public:
  // The limits: how deep lists and maps may be nested (the default is that of Perl's JSON::XS), and how much
  // the lists and maps of a value may weigh (data/weight.hpp).
  explicit json_reader(std::size_t max_depth = 512, std::size_t max_weight = SIZE_MAX);
  json_reader(json_reader&&) noexcept;
  json_reader& operator=(json_reader&&) noexcept;
  ~json_reader();

  struct progress {
    std::size_t consumed;  // bytes of the slice; all of them while the value is incomplete
    bool complete;         // fetch it with take or list; the next feed starts the next value
  };
  // Errors: bad_json, with the place (counted from the first byte of this value) and what is wrong there;
  // too_deep; too_heavy. A bare number is complete only when something follows it, or with finish().
  result<progress> feed(std::string_view slice);

  // After an error: the place, and what is wrong there.
  struct trouble {
    std::size_t position = 0;
    std::string what;
  };
  const trouble& what_is_wrong() const noexcept;

  // The weight so far of the lists and maps of the unfinished value.
  std::size_t weight() const noexcept;

  // Says that nothing follows. Error: bad_json if the value is not complete.
  result<void> finish();

  // take() returns the value that became complete last; call it before the next feed(). list() is where the
  // elements of a list lie, to be moved out without another copy; null for anything else.
  value take();
  value::array* list();

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

}  // namespace aemp::data
