// core/image: the bootable image, MCUboot's format: 32-byte header (padded to the layout's header size), image,
// protected TLVs, TLVs. "The image" is header through last TLV; its digest everywhere (manifest, journal, status,
// source of a delta) is SHA-256 of exactly these bytes. What follows the last TLV is ignored.
// Source of facts: MCUboot docs/design.md "Image format" and boot/bootutil/include/bootutil/image.h.
#pragma once

#include <optional>

#include "core/base/reader.hpp"
#include "core/crypto/crypto.hpp"

namespace sb {

struct Version {
    std::uint8_t major = 0;
    std::uint8_t minor = 0;
    std::uint16_t revision = 0;
    std::uint32_t build = 0;

    /// The SUIT sequence number of this version: major<<56 | minor<<48 | revision<<32 | build.
    [[nodiscard]] constexpr std::uint64_t sequence() const {
        return std::uint64_t{major} << 56 | std::uint64_t{minor} << 48 | std::uint64_t{revision} << 32 | build;
    }
    bool operator==(const Version&) const = default;
};

/// What the header and the TLVs of an image say.
struct ImageInfo {
    Version version;
    std::uint32_t header_bytes = 0;  ///< header with its padding
    std::uint32_t body_bytes = 0;    ///< the program, without header and TLVs
    std::uint32_t total_bytes = 0;   ///< header through last TLV
    std::uint32_t load_address = 0;
    bool rom_fixed = false;                           ///< bound to load_address (flag 0x100)
    std::optional<std::uint32_t> security_counter{};  ///< TLV 0x50
    std::uint32_t protected_end = 0;                  ///< end of what TLV 0x10 and the signature cover
};

/// Length of the header without its padding.
inline constexpr std::uint32_t image_header_bytes = 32;

/// Reads a header alone: version, sizes of header and body, load address. Requires: at least image_header_bytes.
/// Errors: malformed, unsupported, as parse_image.
[[nodiscard]] Result<ImageInfo> parse_image_header(Bytes header);

/// Reads header and TLVs; computes nothing. Errors: malformed; truncated when the reader ends before the image;
/// unsupported for every flag but ROM_FIXED (encrypted, compressed, RAM load, …); overflow; those of the reader.
[[nodiscard]] Result<ImageInfo> parse_image(Reader& from);

/// An image that verified.
struct VerifiedImage {
    ImageInfo info;
    Digest digest;         ///< SHA-256 of header through last TLV
    Digest signed_digest;  ///< SHA-256 of what the signature covers: header through protected TLVs
};

/// Parses and verifies: TLV 0x10, then the signature (0x22) by a key of `ring` named by 0x01 or carried in 0x02.
/// `scratch` (any size ≥ 64 bytes, larger is faster) holds what is being hashed. One pass over the image.
/// Cheap refusals come first: unsigned_image and unknown_key are told before anything is hashed.
/// Errors: those of parse_image; unsigned_image; unknown_key; malformed (no TLV 0x10, a signature that is not strict
/// DER); bad_digest; bad_signature; out_of_range when `scratch` is empty; those of the reader.
[[nodiscard]] Result<VerifiedImage> verify_image(Reader& from, Crypto& crypto, KeyRing ring, MutableBytes scratch);

}  // namespace sb
