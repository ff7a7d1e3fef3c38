// core/delta: unpacks tinyuz, the LZ77 code of HPatchLite's author, as it comes: bits gathered in bytes, whole bytes
// between them, no tables; memory is the dictionary alone. The code is explained in docs/format-delta.md, worked out
// from its public sources and from patches of HPatchLite.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

/// Numbers of the code that writer and reader share.
struct TinyuzCode {
    static constexpr std::uint32_t shortest_match = 2;
    static constexpr std::uint32_t shortest_line = 15;
    /// Matches from farther away than this are one byte longer than their length says.
    static constexpr std::uint32_t near = 2687;
    /// Distances from here on have bits behind their byte.
    static constexpr std::uint32_t one_byte = 128;
    static constexpr std::uint32_t line = 1, clip_end = 2, stream_end = 3;  ///< lengths at distance 0
};

class Tinyuz {
public:
    /// Starts with an empty dictionary. Requires: it is not of 0 bytes, and outlives the decoder.
    void start(MutableBytes dictionary) {
        *this = Tinyuz{};
        dictionary_ = dictionary;
    }

    struct Step {
        std::size_t consumed = 0;
        Bytes made;  ///< in the dictionary, until the next call
    };
    /// Unpacks up to `room` bytes. With room for none it still takes the code up to the next byte to make.
    /// Errors: malformed; bad_patch (a match from before the start, or beyond the dictionary); too_large.
    [[nodiscard]] Result<Step> decode(Bytes in, std::size_t room);

    /// The end of the stream was read.
    [[nodiscard]] bool ended() const { return reads_ == Reads::nothing; }
    /// The next byte to make is decided upon.
    [[nodiscard]] bool has_more() const { return reads_ <= Reads::data; }

private:
    /// What comes next: first bytes to make, then a byte of code, then bits of code.
    enum class Reads : std::uint8_t { match, data, place, kind, length, same_place, high_place, line_length, nothing };

    void put(std::uint8_t byte);
    [[nodiscard]] std::uint8_t matched() const;
    // Error::none: all is well. (A Result costs a Cortex-M0 a dozen bytes at each return.)
    [[nodiscard]] Error take_bit(std::uint32_t bit);
    [[nodiscard]] Error end_number();
    [[nodiscard]] Error begin_match(std::uint32_t distance);
    void read_number(Reads what);

    Reads reads_ = Reads::kind;
    std::uint8_t group_ = 0;   // bits of the present group that number_ has
    std::uint8_t place_ = 0;   // low bits of a distance
    bool full_ = false;        // the dictionary has gone around
    bool after_data_ = false;  // the last thing was no match: the next one may be at the same distance
    std::uint32_t bits_ = 1;   // bits not used yet below a 1
    std::uint32_t number_ = 0;
    std::uint32_t length_ = 0;
    std::uint32_t left_ = 0;      // bytes of the present match or plain stretch
    std::uint32_t distance_ = 1;  // of the last match
    std::uint32_t at_ = 0;        // where the next byte goes in the dictionary
    MutableBytes dictionary_;
};

}  // namespace sb
