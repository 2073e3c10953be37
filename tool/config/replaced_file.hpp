// A file that gets new content as a whole or not at all, whenever the machine stops: the content is written
// to FILE~new~, brought to the disk, and then named FILE. What FILE was before is FILE~.
#pragma once

#include <optional>
#include <string>

#include <aemp/result.hpp>

namespace aemp::tool {

// `before` is what the caller has read; empty: there was no file. Whoever writes holds a lock on FILE~new~,
// so of two that change the file at the same time one is refused. The file is readable by its owner alone
// (0600); a link is followed. Errors: config_changed, when the content is not `before` any more;
// config_not_written.
result<void> replace_file(const std::string& path, const std::optional<std::string>& before,
                          const std::string& content);

// Writes a file that must not be there yet, 0600. Errors: file_exists, config_not_written.
result<void> create_file(const std::string& path, const std::string& content);

}  // namespace aemp::tool
