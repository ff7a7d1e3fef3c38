// tools/cli: a patch explained: blocks, covers, and which share of the new file comes from where; as JSON, as text
// and as a picture of its covers.
#pragma once

#include <string>

#include "tools/cli/shell.hpp"
#include "tools/diff/patch.hpp"

namespace sb::cli {

[[nodiscard]] Json patch_json(const diff::PatchInfo& info, std::uint64_t patch_bytes);
[[nodiscard]] std::string patch_text(const std::string& path, const diff::PatchInfo& info, std::uint64_t patch_bytes);

/// A page that stands by itself: the cover map (old file to the right, new file downwards), the shares, the histogram
/// of cover lengths and the blocks.
[[nodiscard]] std::string patch_page(const std::string& path, const diff::PatchInfo& info, std::uint64_t patch_bytes);

}  // namespace sb::cli
