// tools/pack: builds update packages: the SUIT envelope in two signed parts, then the payload as a chain of blocks
// (docs/format.md). What it builds it opens again with the core's own code before it gives it out.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/delta/format_name.hpp"
#include "core/manifest/package.hpp"
#include "tools/pack/keys.hpp"
#include "tools/pack/version.hpp"

namespace sb::pack {

/// Of that, the second patch.
struct WayBack {
    std::uint32_t from = 0;
    std::uint32_t shift = 0;
    std::vector<std::uint8_t> parameters{};
};

/// What core's InPlace says, with parameters of its own.
struct InPlaceOptions {
    std::uint32_t shift = 0;
    std::uint32_t source_bytes = 0;
    std::uint32_t erase_bytes = 0;
    std::optional<WayBack> way_back{};
};

/// A patch from the new image to the old one for devices that keep it (core's Reverse): beside a delta one of the
/// payload's format, beside a whole image one that works in place.
struct ReverseOptions {
    std::uint32_t source_bytes = 0;
    std::vector<std::uint8_t> payload{};
    std::vector<std::uint8_t> parameters{};
    std::optional<ReverseInPlace> in_place{};
};

struct PackageOptions {
    std::string device_class{};  ///< VENDOR-DOMAIN/CLASS-NAME
    /// As the user named it; must be the image's own. Not given: taken from the image.
    std::optional<Version> version{};
    /// Not given: the version's.
    std::optional<std::uint64_t> sequence{};
    /// Must be the image's own (TLV 0x50, or 0 without one). Not given: taken from the image.
    std::optional<std::uint32_t> security_counter{};

    PayloadFormat format = PayloadFormat::raw;
    std::uint32_t decoder_ram_bytes = 0;       ///< work memory that decoding the payload takes
    std::optional<Digest> source_digest{};     ///< image that a delta starts from: its header through last TLV
    std::vector<std::uint8_t> parameters{};    ///< sbd's preamble
    std::optional<InPlaceOptions> in_place{};  ///< the payload rewrites its source where that stands
    std::optional<ReverseOptions> reverse{};   ///< not with in_place
    std::uint32_t block_bytes = 1024;          ///< payload bytes of a block, 256 to 4096
    std::vector<std::uint8_t> claims{};        ///< what else is signed; with a build for each slot: in the first
};

/// The package that makes `image` (a signed image; what stands behind its last TLV is left out) on a device of that
/// class out of `payload`. For format raw the payload is the image itself; pass it empty.
/// Errors: bad_input when `image` is not a signed image; refused when it is signed by another key than `key`, when
/// version or security counter contradict it; usage; environment.
[[nodiscard]] Outcome<std::vector<std::uint8_t>> build_package(Bytes image, Bytes payload,
                                                               const PackageOptions& options, const PrivateKey& key);

/// What a package has for one slot of a part that cannot remap.
struct SlotBuild {
    Bytes image;
    Bytes payload;
    PackageOptions options;
};

/// One package with a build for slot A and one for slot B, the same program linked for either.
/// Errors: those of above; refused when the builds are not of one version, class, sequence and security counter, or
/// not each bound to an address of its own; too large an envelope is refused, too.
[[nodiscard]] Outcome<std::vector<std::uint8_t>> build_package(const std::array<SlotBuild, slot_builds>& builds,
                                                               const PrivateKey& key);

/// Bytes of parameters that each of two builds may have in one envelope, beside `claims_bytes` of claims.
[[nodiscard]] Outcome<std::size_t> room_for_parameters(const PrivateKey& key, std::size_t claims_bytes = 0);

/// The envelope alone, signed, saying what `package` says whether that is true or not (its id is not read).
[[nodiscard]] Outcome<std::vector<std::uint8_t>> encode_envelope(const Package& package, const PrivateKey& key);
/// The same with a build for each slot. What they have in common is the first one's.
[[nodiscard]] Outcome<std::vector<std::uint8_t>> encode_envelope(const std::array<Package, slot_builds>& builds,
                                                                 const PrivateKey& key);

/// The claims of an envelope, whether anything in it is right or not; empty: there are none.
[[nodiscard]] std::vector<std::uint8_t> claims_of(Bytes envelope);

/// What the envelope says for each slot: one package, or two where it holds a build for each.
/// Errors: those of open_package.
[[nodiscard]] Result<std::vector<Package>> open_builds(Bytes envelope, Crypto& crypto, KeyRing ring);

/// A payload cut into chained blocks.
struct Chain {
    std::vector<std::uint8_t> wire;
    BlockDigest first{};
};
[[nodiscard]] Chain build_chain(Bytes payload, std::uint32_t block_bytes);

/// As sb::format_name, with "format N" for numbers without a name.
[[nodiscard]] std::string format_name(PayloadFormat format);
using sb::format_named;

}  // namespace sb::pack
