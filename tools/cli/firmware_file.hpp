// tools/cli: files that firmware comes in. ELF, Intel HEX and UF2 are wrapping: what a device has in its flash is the
// image inside, and that is what patches of sbd are between.
#pragma once

#include <optional>

#include "tools/cli/files.hpp"
#include "tools/diff/sbd/input_file.hpp"

namespace sb::cli {

/// The image in a file, and a line on stderr about what was taken off; none for a file that is no wrapping, or whose
/// wrapping is damaged, which is told too: it is taken as it is then.
[[nodiscard]] std::optional<diff::InputImage> unwrapped(Bytes file, const std::string& path);

/// "ELF", "Intel HEX", "UF2".
[[nodiscard]] std::string_view kind_name(diff::InputKind kind);

}  // namespace sb::cli
