// tools/pack: versions as people write them, MAJOR[.MINOR[.REVISION[+BUILD]]], the form that imgtool takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/image/image.hpp"

namespace sb::pack {

/// "1.2.3+4"; parts that are left out are 0. Nothing when it is no version, a part has leading zeros or does not fit
/// (major, minor ≤ 255, revision ≤ 65535, build < 2^32).
[[nodiscard]] std::optional<Version> parse_version(std::string_view text);
/// "1.2.3+4", or "1.2.3" when the build is 0.
[[nodiscard]] std::string to_string(const Version& version);
/// The version whose sequence number this is: the inverse of Version::sequence().
[[nodiscard]] Version version_of_sequence(std::uint64_t sequence);

}  // namespace sb::pack
