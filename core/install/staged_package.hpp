// core/install: a package that stands in flash as it came, envelope and chain, until the bootloader uses it (scheme
// inplace). It is authenticated once more when it is used.
#pragma once

#include "core/install/making.hpp"

namespace sb {

struct StagedPackage {
    Package package;
    std::uint32_t envelope_bytes = 0;
};

/// Reads the envelope at the start of `area` to `io`, where the package's parameters then stand, and authenticates it.
/// Errors: those of the flash and of open_package; truncated.
[[nodiscard]] Result<StagedPackage> open_staged(const Region& area, Crypto& crypto, KeyRing keys, MutableBytes io);

/// Whether the whole chain stands there as it was signed. Gives the digest that is expected of block number `wanted`.
/// `scratch`: from 16 bytes. Errors: bad_digest; those of the flash.
[[nodiscard]] Result<BlockDigest> check_staged(const Region& area, const StagedPackage& staged, Crypto& crypto,
                                               MutableBytes scratch, std::uint32_t wanted = 0);

/// What an install session does with a patch that waits for the bootloader to use it. A device of scheme inplace links
/// `patch_staging`; all others know of no such thing.
struct PatchStaging {
    /// Gets `making` ready to keep the package, which outlives it, if it fits what it will rewrite: an image of
    /// `source_bytes`. Errors: wrong_source, too_large, unsupported; no_way_back unless `accept_no_way_back` or there
    /// is a factory image.
    Result<void> (*prepare)(Making& making, const FlashMap& map, const Package& package, std::uint32_t envelope_bytes,
                            std::uint32_t source_bytes, bool accept_no_way_back);
    /// As check_staged().
    Result<BlockDigest> (*check)(const Region& area, const StagedPackage& staged, Crypto& crypto, MutableBytes scratch,
                                 std::uint32_t wanted);
};

[[nodiscard]] Result<void> prepare_to_stage(Making& making, const FlashMap& map, const Package& package,
                                            std::uint32_t envelope_bytes, std::uint32_t source_bytes,
                                            bool accept_no_way_back);
inline constexpr PatchStaging patch_staging{prepare_to_stage, check_staged};

}  // namespace sb
