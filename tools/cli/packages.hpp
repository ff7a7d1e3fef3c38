// tools/cli: a package taken apart and checked end to end with the device's own code.
#pragma once

#include <optional>
#include <string>

#include "core/manifest/package.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/shell.hpp"

namespace sb::cli {

struct OpenedPackage {
    Package package;
    std::size_t envelope_bytes = 0;
};

/// Authenticates the envelope under `ring`. Throws Failure.
[[nodiscard]] OpenedPackage open_envelope(const std::string& path, Bytes file, KeyRing ring);

/// Walks the whole chain of blocks and gives the payload. Throws Failure with the offset of the block that does not
/// verify, or when the file is shorter or longer than its chain.
[[nodiscard]] Buffer check_chain(const std::string& path, Bytes file, const OpenedPackage& opened);

/// Decodes a payload as a device would, in as much memory as the package states. Throws Failure.
[[nodiscard]] Buffer decode_payload(const std::string& path, const Package& package, Bytes payload, Bytes old_image);

/// The fields of `inspect --json` and of the answers of `pack` and `verify`, and their lines of text.
[[nodiscard]] Json package_json(const Package& package, std::uint64_t package_bytes);
[[nodiscard]] std::string package_text(const std::string& path, const Package& package, std::uint64_t package_bytes);

}  // namespace sb::cli
