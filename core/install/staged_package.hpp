// core/install: a package that stands in flash as it came, envelope and chain, until the bootloader uses it (scheme
// inplace). It is authenticated once more when it is used.
#pragma once

#include "core/flash/region.hpp"
#include "core/manifest/chain.hpp"
#include "core/manifest/package.hpp"

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

}  // namespace sb
