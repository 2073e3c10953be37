// The bytes that a numbered message carries. They follow from who sent it and which one it is, so the
// receiver can tell whether parts of several messages were mixed. Printable ASCII, so that every framing
// carries them as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torture {

// Which message of the whole test it is.
struct message_id {
  std::uint32_t from, stream, epoch, number;
};

std::string payload(const message_id& id, std::size_t size);
bool is_payload(const message_id& id, std::size_t size, std::string_view bytes);

}  // namespace torture
