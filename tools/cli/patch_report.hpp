// tools/cli: a patch explained: blocks, covers, and which share of the new file comes from where; as JSON, as text
// and as a picture of its covers.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/shell.hpp"
#include "tools/diff/patch.hpp"

namespace sb::cli {

[[nodiscard]] Json patch_json(const diff::PatchInfo& info, std::uint64_t patch_bytes);
[[nodiscard]] std::string patch_text(const std::string& path, const diff::PatchInfo& info, std::uint64_t patch_bytes);

/// A page that stands by itself: the cover map (old file to the right, new file downwards), the shares, the histogram
/// of cover lengths and the blocks.
[[nodiscard]] std::string patch_page(const std::string& path, const diff::PatchInfo& info, std::uint64_t patch_bytes);

// ---- what reports of a format of its own are made of

/// Where the new file comes from.
struct PatchShare {
    const char* name;
    const char* colour;
    std::uint64_t bytes;
};
[[nodiscard]] std::string share_text(const std::vector<PatchShare>& shares, std::uint64_t new_bytes);
[[nodiscard]] std::string share_bars(const std::vector<PatchShare>& shares, std::uint64_t new_bytes);
[[nodiscard]] std::string cover_text(const diff::PatchInfo& info);
[[nodiscard]] std::string histogram_bars(const diff::PatchInfo& info);
[[nodiscard]] std::string block_table(const diff::PatchInfo& info);
/// `beside`: SVG that stands at the right of the map, from x = 0 on and as high as the map (0 to cover_map_size).
[[nodiscard]] std::string cover_map(const diff::PatchInfo& info, const std::string& beside = "", double wide = 0);
inline constexpr double cover_map_size = 520;
[[nodiscard]] std::string html_escaped(const std::string& text);
/// A page that stands by itself; `body` is HTML.
[[nodiscard]] std::string html_page(const std::string& title, const std::string& heading, const std::string& body);

}  // namespace sb::cli
