// tools/diff/sbd: decodes a whole sbd patch in memory, with the model of core/delta/sbd. Decides the same as a device's
// SbdDecoder; beyond it, when asked, says where each byte came from and what bits were spent on.
#pragma once

#include "core/base/result.hpp"
#include "tools/diff/sbd/coding.hpp"

namespace sb::diff {

struct SbdPatch {
    Bytes patch;
    sbd::Prepared prepared;  ///< refers to `memory`
    std::vector<std::uint32_t> memory;
    std::vector<Bytes> segments;  ///< of the patch, without the numbers that tell their lengths
    std::uint32_t preamble_bytes = 0;
};

/// Takes a patch apart. Throws PatchError.
[[nodiscard]] SbdPatch open_sbd(Bytes patch);
/// Its preamble only.
[[nodiscard]] SbdPatch open_preamble(Bytes patch);
/// For a segment of which bytes are left over when all of its image is made.
[[noreturn]] void refuse_rest_of(Bytes coded, const SbdPatch& opened);

struct DecodedImage {
    std::vector<std::uint8_t> image;
    std::vector<SourceRun> runs;  ///< with an account: where bytes came from; nothing for stored images
};

/// What one byte of the new image took.
struct ByteCost {
    float bits = 0;
    float jump_bits = 0;  ///< of them, for jumps and for the flags that ask about them
    sbd::FieldKind field = sbd::FieldKind::none;
    bool hit = false;          ///< as predicted
    bool jumped = false;       ///< at it the source pointer went elsewhere
    bool substituted = false;  ///< told bit by bit
};

struct FieldCounts {
    std::uint64_t met = 0;
    std::uint64_t right = 0;  ///< all its bytes were as predicted; the others were not, or a jump left the field
};

/// Where the bits of a patch went.
struct SbdAccount {
    std::array<Spending, 4> spent{};  ///< bits, by the kind of field that the byte lies in
    std::array<FieldCounts, 4> fields{};
    std::vector<ByteCost> bytes;  ///< of the new image; of a stored one each takes 8 bits

    [[nodiscard]] double bits() const;
    [[nodiscard]] double bits(sbd::Spent kind) const;
    [[nodiscard]] double bits(sbd::FieldKind field) const;
};

/// Decodes, and compares the digests' beginnings. With `account`, fills it, a segment after the other; without, several
/// threads decode, as many as there are cores unless told, with the same result. Throws PatchError.
[[nodiscard]] DecodedImage decode_sbd(Bytes old, Bytes patch, SbdAccount* account = nullptr, unsigned threads = 0);

}  // namespace sb::diff
