// core/delta: patches of Percival's bsdiff ("BSDIFF40"). Three parts stand one behind the other and are read side by
// side: triples (diff bytes, extra bytes, seek in the old image), diff bytes, extra bytes; so the patch must be there
// as a whole (patch_source.hpp). What unpacks the parts is the caller's matter: bzip2 on a host.
// Facts: the header and the integers are described in bsdiff's own manual and in Percival, "Naive differences of
// executable code" (2003). Strictness beyond bspatch: sizes are below 4 GiB, nothing may follow what is needed, and
// triples that make nothing are limited.
#pragma once

#include "core/delta/endsley_stream.hpp"
#include "core/delta/patch_source.hpp"

namespace sb {

inline constexpr std::size_t bsdiff_header_bytes = 32;
inline constexpr std::size_t bsdiff_triple_bytes = endsley_triple_bytes;
inline constexpr std::array<std::uint8_t, 8> bsdiff_magic{'B', 'S', 'D', 'I', 'F', 'F', '4', '0'};

/// What stands before the three parts. The extra part goes to the end of the patch.
struct BsdiffHeader {
    std::uint32_t control_bytes = 0;  ///< of the part with the triples, packed
    std::uint32_t diff_bytes = 0;     ///< packed
    std::uint32_t new_bytes = 0;      ///< of the new image
};
/// Reads one from 32 bytes. Errors: malformed, too_large.
[[nodiscard]] Result<BsdiffHeader> parse_bsdiff_header(Bytes header);

/// Makes the new image from the three parts, unpacked. Bytes outside the old image count as 0, as in bspatch.
class BsdiffDecoder final : public PullDecoder {
public:
    struct Parts {
        ByteStream& control;
        ByteStream& diff;
        ByteStream& extra;
    };
    /// Requires: all outlive the decoder; `work` holds at least one byte (256 make a good pace).
    BsdiffDecoder(std::uint32_t new_bytes, Reader& old_image, const Parts& parts, MutableBytes work)
        : old_(old_image), parts_(parts), work_(work), left_(new_bytes) {}

    /// See PullDecoder. Errors besides: trailing_data when a part goes on behind the end of the image.
    [[nodiscard]] Result<std::size_t> produce(MutableBytes out) override;

private:
    [[nodiscard]] Result<void> next_triple();
    [[nodiscard]] Result<std::size_t> add_to_old(MutableBytes out);
    [[nodiscard]] Result<std::size_t> take_extra(MutableBytes out);
    [[nodiscard]] Result<void> end() const;

    Reader& old_;
    Parts parts_;
    MutableBytes work_;
    std::uint32_t left_;
    std::uint32_t diff_left_ = 0;
    std::uint32_t extra_left_ = 0;
    std::uint32_t idle_triples_ = 0;  // that made nothing, one after another
    std::int64_t seek_ = 0;           // added to old_at_ after the triple
    std::int64_t old_at_ = 0;
};

}  // namespace sb
