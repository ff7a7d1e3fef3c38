// core/delta: the payload coder "LZMA segments": a row of LZMA1 streams (lc = lp = pb = 0) that each start by
// themselves, so that decoding can go on after any of them. Bytes: docs/format-delta.md.
// The decoder makes its bytes in the dictionary, where the caller takes them from: no second buffer. All memory is
// the caller's. Input may come in pieces of any size.
// Source of facts: the LZMA specification of Igor Pavlov (public domain).
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

/// Probabilities of the model: 1,775 numbers of 16 bits (lc = lp = pb = 0), rounded up to a multiple of 4 bytes.
inline constexpr std::uint32_t lzma_model_bytes = 3552;
inline constexpr unsigned lzma_min_dictionary_log2 = 12;
inline constexpr unsigned lzma_max_dictionary_log2 = 14;
/// First bytes of a container; the next byte holds version (high half) and dictionary size (log2, low half).
inline constexpr std::array<std::uint8_t, 4> lzma_segments_magic{'S', 'B', 'L', 'Z'};
inline constexpr unsigned lzma_segments_version = 1;

class LzmaSegments {
public:
    /// Requires: `work` is aligned for std::uint16_t and outlives the decoder. It holds model and dictionary.
    explicit LzmaSegments(MutableBytes work) : work_(work) {}

    /// What one call of decode() did.
    struct Step {
        std::size_t consumed = 0;  ///< bytes taken from `in`
        Bytes made;                ///< decoded bytes, valid until the next call
    };
    /// Decodes until `want` bytes are made, the dictionary wraps, `in` is used up or a segment ends. With `want` 0 it
    /// still takes the bytes that end a segment. Errors: malformed, unsupported, too_large (the dictionary does not
    /// fit the work memory), bad_patch.
    [[nodiscard]] Result<Step> decode(Bytes in, std::size_t want);

    /// Whether no byte of the next segment was taken, and the last one is complete.
    [[nodiscard]] bool at_boundary() const { return phase_ == Phase::packed && shift_ == 0; }
    /// Decoded bytes that the present segment still holds.
    [[nodiscard]] std::uint32_t segment_left() const { return plain_left_; }
    [[nodiscard]] std::uint8_t dictionary_log2() const { return dictionary_log2_; }

    /// Goes back to before the container's first byte.
    void reset();
    /// Goes to the start of some segment. Errors: malformed when the dictionary cannot be.
    [[nodiscard]] Result<void> restart(std::uint8_t dictionary_log2);

private:
    enum class Phase : std::uint8_t { magic, packed, plain, body, failed };
    /// No symbol takes more input than this: 22 modelled bits of at most 6.05 bits each and 26 plain bits.
    static constexpr std::size_t symbol_bytes = 20;

    [[nodiscard]] Result<void> take_header(std::uint8_t byte);
    [[nodiscard]] Result<void> set_dictionary(unsigned log2);
    [[nodiscard]] Result<void> take_length(std::uint8_t byte);
    void start_segment();
    [[nodiscard]] bool make(Bytes in, std::size_t& used, std::uint32_t end);
    [[nodiscard]] bool decode_directly(Bytes in, std::size_t& used, std::uint32_t end);
    [[nodiscard]] bool decode_held(Bytes in, std::size_t& used, bool& starved);
    [[nodiscard]] bool end_segment(Bytes in, std::size_t& used);
    void copy_match(std::uint32_t end);

    [[nodiscard]] bool symbol();
    void literal();
    [[nodiscard]] bool match();
    void repeated_distance();
    void new_distance(std::uint32_t length);
    void normalise();
    [[nodiscard]] std::uint32_t bit(std::uint16_t& probability);
    [[nodiscard]] std::uint32_t tree(std::uint16_t* probabilities, unsigned bits);
    [[nodiscard]] std::uint32_t reverse_tree(std::uint16_t* probabilities, unsigned bits);
    [[nodiscard]] std::uint32_t length(std::uint16_t* coder);
    [[nodiscard]] std::uint16_t* model() const;
    void put(std::uint8_t byte);

    // the range coder, and where it reads from during a call
    std::uint32_t range_ = 0;  // 0: the segment's first bytes are not read yet
    std::uint32_t code_ = 0;
    const std::uint8_t* at_ = nullptr;
    const std::uint8_t* end_ = nullptr;

    std::uint32_t distance_[4] = {};  // of the last matches, minus 1
    std::uint32_t state_ = 0;
    std::uint32_t match_left_ = 0;   // bytes of the present match that are not copied yet
    std::uint32_t position_ = 0;     // in the dictionary
    std::uint32_t written_ = 0;      // bytes made in this segment
    std::uint32_t packed_left_ = 0;  // bytes of the segment that did not come in yet
    std::uint32_t plain_left_ = 0;   // bytes that the segment is still to make
    MutableBytes work_;
    Phase phase_ = Phase::magic;
    std::uint8_t dictionary_log2_ = 0;
    std::uint8_t shift_ = 0;  // in the container's header: bytes seen; in a length: bits seen
    std::uint8_t held_ = 0;
    std::array<std::uint8_t, symbol_bytes> hold_;  // input that is too short for a symbol
};

}  // namespace sb
