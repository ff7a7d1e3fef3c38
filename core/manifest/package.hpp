// core/manifest: the update package up to its payload: a SUIT envelope (strict profile of
// draft-ietf-suit-manifest-34) that carries the manifest and, signed apart, the payload descriptor. Bytes and CDDL
// stand in docs/format.md. Nothing here is believed before its signature verified.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/crypto/crypto.hpp"
#include "core/delta/decoder.hpp"

namespace sb {

/// An envelope larger than this is refused (Error::too_large): it must fit the receiver's work memory.
inline constexpr std::size_t max_envelope_bytes = 1024;
/// Bytes of payload in a block: every block but the last has as many as the descriptor says, within these bounds.
inline constexpr std::uint32_t min_block_data_bytes = 256;
inline constexpr std::uint32_t max_block_data_bytes = 4096;
/// Builds in a package that has one for each slot.
inline constexpr std::uint32_t slot_builds = 2;
/// Link of the payload chain: the first 16 bytes of SHA-256 of the next block (its data and its own link).
using BlockDigest = std::array<std::uint8_t, 16>;
using Uuid = std::array<std::uint8_t, 16>;

struct Manifest {
    std::uint64_t sequence = 0;
    Uuid vendor{};
    Uuid device_class{};
    std::uint32_t image_bytes = 0;
    Digest image_digest{};
    std::uint32_t security_counter = 0;
};

/// What a patch must keep to that rewrites the image it starts from where that stands. The old image is moved up by
/// `shift` bytes first, whole erase units, and read from there.
struct InPlace {
    std::uint32_t shift = 0;
    std::uint32_t source_bytes = 0;  ///< size of the image that it starts from
    std::uint32_t erase_bytes = 0;   ///< whole multiples of it are written before what they held is given up
    /// The way back, where there is one: a second patch, from the new image to the old one. Its payload follows in the
    /// same chain.
    bool has_way_back = false;
    std::uint32_t way_back_from = 0;  ///< where in the payload it begins
    std::uint32_t way_back_shift = 0;
    Bytes way_back_parameters{};
};

/// What a reverse patch says for itself that comes with a whole image, for devices with one slot: it works in place.
struct ReverseInPlace {
    PayloadFormat format = PayloadFormat::sbd;
    std::uint32_t decoder_ram_bytes = 0;
    Digest source_digest{};         ///< of the old image
    std::uint32_t shift = 0;        ///< of the new one
    std::uint32_t erase_bytes = 0;  ///< as InPlace says
};

/// Bytes of a chain on the wire: `payload_bytes` in blocks of `block_bytes`, and their links.
[[nodiscard]] constexpr std::uint64_t bytes_of_chain(std::uint32_t payload_bytes, std::uint32_t block_bytes) {
    const std::uint64_t links = payload_bytes == 0 || block_bytes == 0 ? 0 : (payload_bytes - 1) / block_bytes;
    return payload_bytes + links * sizeof(BlockDigest);
}

/// A second patch, from the new image to the old one, for devices that keep it until the new one is confirmed. Its
/// chain is one of its own, of blocks of the same size, and comes first. Beside a delta it is for the same decoder.
struct Reverse {
    std::uint32_t payload_bytes = 0;
    BlockDigest first_block{};
    std::uint32_t source_bytes = 0;  ///< size of the old image
    Bytes parameters{};
    std::optional<ReverseInPlace> in_place{};  ///< beside a whole image, and only there
};

struct PayloadDescriptor {
    std::optional<Digest> source_digest;  ///< image that a delta starts from
    PayloadFormat format = PayloadFormat::raw;
    std::uint32_t decoder_ram_bytes = 0;  ///< work memory that the decoder needs
    std::uint32_t block_bytes = 0;        ///< data bytes of a block, 256 to 4096
    std::uint32_t payload_bytes = 0;      ///< payload without the chain's links
    BlockDigest first_block{};
    /// What the decoder must know before any payload, also after a reset: sbd's preamble. Stands in the envelope, and
    /// ends with it.
    Bytes parameters{};
    std::optional<InPlace> in_place{};
    std::optional<Reverse> reverse{};  ///< never with in_place

    /// Number of blocks of the chain.
    [[nodiscard]] std::uint32_t blocks() const {
        return payload_bytes == 0 || block_bytes == 0 ? 0 : (payload_bytes - 1) / block_bytes + 1;
    }
    /// Bytes of the chain on the wire: payload and links.
    [[nodiscard]] std::uint64_t chain_bytes() const { return bytes_of_chain(payload_bytes, block_bytes); }
};

/// What a package says for one slot. Where it holds a build for each, their chains follow the envelope one after the
/// other, slot A's first; elsewhere there is one build for all slots, and one chain. A reverse patch has one more,
/// before them.
struct Package {
    Manifest manifest;
    PayloadDescriptor payload;
    ShortDigest id{};  ///< SHA-256 of the envelope, shortened: which package this is, for resuming
    bool build_per_slot = false;
    std::uint64_t chain_from = 0;    ///< where the chain begins, in bytes behind the envelope
    std::uint64_t chains_bytes = 0;  ///< on the wire behind the envelope, those of other slots included
};

/// What undoes `package`, told as a package: the old image from the new one. Its envelope is the other one's. Requires:
/// package.payload.reverse.
[[nodiscard]] Package reverse_of(const Package& package);

/// Length of the envelope that starts in `so_far`, or nothing while more bytes are needed to tell.
/// Errors: malformed when it is not a SUIT envelope, unsupported when it is one without a payload descriptor or with
/// more in it, duplicate_key, non_canonical, too_large.
[[nodiscard]] Result<std::optional<std::size_t>> envelope_bytes(Bytes so_far);

/// Parses and authenticates a whole envelope: first its frame, then digest and signature of the manifest, then what
/// the manifest says, then the same for the payload descriptor. Of a package with a build for each slot, all is parsed
/// and what is for `slot` (0: A, 1: B) is given.
/// Errors: malformed, non_canonical, duplicate_key, truncated, trailing_data, too_large, overflow; unsupported for
/// what SUIT allows and the strict profile does not; unknown_key, bad_signature, bad_digest; image_mismatch when a raw
/// payload is not as long as the image.
[[nodiscard]] Result<Package> open_package(Bytes envelope, Crypto& crypto, KeyRing ring, std::size_t slot = 0);

/// A payload format that a device decodes, in how much memory.
struct DecoderOffer {
    PayloadFormat format;
    std::uint32_t ram_bytes;
};

/// What a device knows of itself when it judges a package.
struct DeviceFacts {
    Uuid vendor{};
    Uuid device_class{};
    std::uint64_t confirmed_sequence = 0;  ///< of the confirmed image; 0 when there is none
    std::uint32_t security_floor = 0;      ///< the effective floor
    bool allow_downgrade = false;
    std::optional<Digest> running_digest{};  ///< of the image that a delta would start from
    std::uint32_t slot_bytes = 0;            ///< room for an image
    std::uint32_t max_block_bytes = 1024;    ///< block data that the receiver's buffer takes
    std::span<const DecoderOffer> decoders{};
};

/// Whether a device takes an authenticated package, decided before anything is written. The first refusal counts, in
/// this order: wrong_class, older (unless allow_downgrade; an equal sequence is a reinstall), below_floor (always),
/// wrong_source (also of a reverse patch, where an image runs), no_decoder (raw needs none), too_large (image or
/// block).
[[nodiscard]] Result<void> check_policy(const Package& package, const DeviceFacts& device);

}  // namespace sb
