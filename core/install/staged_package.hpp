// core/install: a package that stands in flash as it came, envelope and chain, until the bootloader uses it: the whole
// of one that rewrites an image in place; of one with a reverse patch (schemes copy, single) the part that holds that.
// It is authenticated once more when it is used.
#pragma once

#include "core/install/making.hpp"

namespace sb {

struct StagedPackage {
    Package package;
    std::uint32_t envelope_bytes = 0;
};

/// Where a package is kept whose reverse patch undoes it: the patch region, else slot B behind an image of
/// `image_bytes`, from the next erase unit on. Requires: there is that region, or the image fits slot B.
[[nodiscard]] Region reverse_area(const FlashMap& map, std::uint32_t image_bytes);

/// Reads the envelope at the start of `area` to `io`, where the package's parameters then stand, and authenticates it.
/// Errors: those of the flash and of open_package; truncated.
[[nodiscard]] Result<StagedPackage> open_staged(const Region& area, Crypto& crypto, KeyRing keys, MutableBytes io);

/// Whether the whole chain stands there as it was signed. Gives the digest that is expected of block number `wanted`.
/// `scratch`: from 16 bytes. Errors: bad_digest; those of the flash.
[[nodiscard]] Result<BlockDigest> check_staged(const Region& area, const StagedPackage& staged, Crypto& crypto,
                                               MutableBytes scratch, std::uint32_t wanted = 0);

/// What an install session leans on to keep a patch for the bootloader.
struct StagingDevice {
    const FlashMap& map;
    Crypto& crypto;
    KeyRing keys;
    std::span<const DecoderEntry> decoders;
    std::uint32_t envelope_bytes;  ///< of the package
    std::uint32_t golden_floor;    ///< security counter that the factory image needs to run
};

/// What an install session does with a patch that waits for the bootloader to use it. A device of scheme inplace, or
/// one of scheme copy or single that can be brought back by a reverse patch, links `patch_staging`; all others know of
/// no such thing.
struct PatchStaging {
    /// Whether the package can be kept, can be used, and fits what it starts from: an image of `source_bytes`. `making`
    /// lends its memory. Errors: wrong_source, too_large, unsupported, those of make_decoder; no_way_back unless it has
    /// one, there is a factory image that verifies and may run, or `accept_no_way_back`.
    /// Scheme single, where no image stands (0): the package is taken, and loses its reverse patch unless that is kept
    /// already.
    Result<void> (*judge)(Making& making, const StagingDevice& device, Package& package, std::uint32_t source_bytes,
                          bool accept_no_way_back);
    /// Gets `making` ready to keep it.
    void (*keep)(Making& making, const StagingDevice& device, const Package& package);
    /// Whether what is kept stands there as it was signed. Errors: readback; those of the flash.
    Result<void> (*check)(const StagingDevice& device, const Package& package, MutableBytes scratch);
    /// Once the reverse patch is kept: gets `making` ready to make the image of `package` in `to`. Its parameters come
    /// back with the envelope from where that is kept. Errors: those of check, open_staged and make_decoder.
    Result<void> (*turn)(Making& making, const StagingDevice& device, Package& package, Reader& old, const Region& to);
};

[[nodiscard]] Result<void> judge_staging(Making& making, const StagingDevice& device, Package& package,
                                         std::uint32_t source_bytes, bool accept_no_way_back);
void keep_staged(Making& making, const StagingDevice& device, const Package& package);
[[nodiscard]] Result<void> check_kept(const StagingDevice& device, const Package& package, MutableBytes scratch);
[[nodiscard]] Result<void> turn_to_image(Making& making, const StagingDevice& device, Package& package, Reader& old,
                                         const Region& to);
inline constexpr PatchStaging patch_staging{judge_staging, keep_staged, check_kept, turn_to_image};

}  // namespace sb
