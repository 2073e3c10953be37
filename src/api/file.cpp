#include "api/file.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aemp::api {
namespace {

struct open_file {
  explicit open_file(const std::string& path) : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (number >= 0) ::close(number);
  }

  const int number;
};

error last_error() {
  const int why = errno;
  return {why == ENOENT || why == ENOTDIR ? "no_such_file" : "unreadable_file", std::strerror(why)};
}

}  // namespace

result<file_content> read_file(const std::string& path) {
  open_file file(path);
  // The mode of the opened file: the name could mean another file by now.
  struct stat about {};
  if (file.number < 0 || ::fstat(file.number, &about) != 0) return last_error();
  file_content content{{}, (about.st_mode & (S_IRWXG | S_IRWXO)) != 0};
  std::array<char, 16384> piece;
  for (;;) {
    const ssize_t size = ::read(file.number, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return last_error();
    if (size == 0) return content;
    content.bytes.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace aemp::api
