// tools/cli: a package taken apart and checked end to end with the device's own code.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/manifest/package.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/shell.hpp"

namespace sb::cli {

struct OpenedPackage {
    std::vector<Package> builds;  ///< one, or one for each slot
    std::size_t envelope_bytes = 0;
};

/// A package but for its signatures: gives it signed, with these claims.
using Draft = std::function<Buffer(const Buffer& claims)>;

/// Authenticates the envelope under `ring`. Throws Failure.
[[nodiscard]] OpenedPackage open_envelope(const std::string& path, Bytes file, KeyRing ring);

/// Walks every chain of blocks and gives the payload of each build. Throws Failure with the offset of the block that
/// does not verify, or when the file is shorter or longer than its chains.
[[nodiscard]] std::vector<Buffer> check_chains(const std::string& path, Bytes file, const OpenedPackage& opened);

/// Decodes a payload as a device would, in as much memory as the package states. Throws Failure.
[[nodiscard]] Buffer decode_payload(const std::string& path, const Package& package, Bytes payload, Bytes old_image);

/// "A" or "B" where there is a build for each slot, else "".
[[nodiscard]] const char* build_name(const std::vector<Package>& builds, std::size_t at);

/// The fields of `inspect --json` and of the answers of `pack` and `verify`, and their lines of text. Of a package with
/// a build for each slot the fields are slot A's, and "builds" has both.
[[nodiscard]] Json package_json(const std::vector<Package>& builds, std::uint64_t package_bytes);
[[nodiscard]] std::string package_text(const std::string& path, const std::vector<Package>& builds,
                                       std::uint64_t package_bytes);

}  // namespace sb::cli
