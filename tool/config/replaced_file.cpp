#include "tool/config/replaced_file.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/file.hpp"

namespace aemp::tool {
namespace {

struct descriptor {
  explicit descriptor(int number) : number(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number >= 0) ::close(number);
  }

  const int number;
};

error not_written(const std::string& path, const std::string& what) {
  const int why = errno;
  return {"config_not_written", path + " is not written: " + what + ": " + std::strerror(why)};
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t size = ::write(file, content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(size));
  }
  return ::fsync(file) == 0;
}

std::string target_of(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), std::free);
  return real == nullptr ? path : std::string(real.get());
}

// Other processes hold the lock for a moment only, unless they hang.
bool lock(int file) {
  using clock = std::chrono::steady_clock;
  for (const auto until = clock::now() + std::chrono::seconds(5);;) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    const bool may_come = errno == EINTR || errno == EWOULDBLOCK;
    if (!may_come || clock::now() > until) return false;
    (void)::poll(nullptr, 0, 5);
  }
}

// The lock counts only if it is on the file that has the name. While we waited for it, that file may have
// been renamed to the configuration file itself; then the next one is tried. Some network file systems have
// no locks, or show another file each time; then there is an error.
result<int> open_locked(const std::string& path, const std::string& of) {
  constexpr int most_attempts = 1000;
  for (int i = 0; i < most_attempts; ++i) {
    const bool is_new = ::access(path.c_str(), F_OK) != 0;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (file < 0) return not_written(of, "cannot open " + path);
    struct stat opened {
    }, named{};
    const bool is_locked = lock(file);
    if (!is_locked || ::fstat(file, &opened) != 0) {
      const bool is_busy = errno == EWOULDBLOCK;
      error why = not_written(of, is_busy ? "somebody else has " + path + " locked for 5 s"
                                          : (is_locked ? "cannot look at " : "cannot lock ") + path);
      ::close(file);
      if (is_new && !is_busy) ::unlink(path.c_str());
      return why;
    }
    const bool is_there = ::stat(path.c_str(), &named) == 0;
    if (is_there && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev) return file;
    ::close(file);
  }
  return error{"config_not_written",
               of + " is not written: " + path + " is another file each time; is somebody else writing it?"};
}

void sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number >= 0) (void)::fsync(opened.number);
}

// Keeps the old file under a second name, or as a copy where a file cannot have two names.
bool keep_old(const std::string& path, const std::string& content) {
  const std::string old = path + "~";
  ::unlink(old.c_str());
  if (::link(path.c_str(), old.c_str()) == 0) return ::chmod(old.c_str(), S_IRUSR | S_IWUSR) == 0;
  const descriptor copy(::open(old.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  return copy.number >= 0 && write_all(copy.number, content);
}

}  // namespace

result<void> replace_file(const std::string& named, const std::optional<std::string>& before,
                          const std::string& content) {
  const std::string path = target_of(named);
  const std::string beside = path + "~new~";
  struct stat about {};
  const bool exists = ::stat(path.c_str(), &about) == 0;
  if (exists && !S_ISREG(about.st_mode))
    return error{"config_not_written", path + " is not written: it is no regular file"};

  const auto opened = open_locked(beside, path);
  if (!opened) return opened.error();
  const descriptor file(*opened);
  const auto now = api::read_file(path);
  if (now ? before != now->bytes : before.has_value()) {
    ::unlink(beside.c_str());
    return error{"config_changed",
                 path + " is not written: somebody else has changed it meanwhile; try again"};
  }
  const auto give_up = [&](const std::string& what) {
    error why = not_written(path, what);
    ::unlink(beside.c_str());
    return why;
  };
  if (::ftruncate(file.number, 0) != 0 || ::fchmod(file.number, S_IRUSR | S_IWUSR) != 0)
    return give_up("cannot prepare " + beside);
  if (exists && ::geteuid() == 0 && ::fchown(file.number, about.st_uid, about.st_gid) != 0)
    return give_up("cannot give " + beside + " to the owner of the file");
  if (!write_all(file.number, content)) return give_up("cannot write " + beside);
  if (exists && !keep_old(path, *before)) return give_up("cannot keep the old one as " + path + "~");
  if (::rename(beside.c_str(), path.c_str()) != 0) return give_up("cannot rename " + beside);
  sync_folder(path);
  return {};
}

result<void> create_file(const std::string& path, const std::string& content) {
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.number < 0 && errno == EEXIST)
    return error{"file_exists",
                 path + " is there already, and is not replaced; give another name, or remove it"};
  if (file.number < 0 || !write_all(file.number, content)) return not_written(path, "cannot write it");
  return {};
}

}  // namespace aemp::tool
