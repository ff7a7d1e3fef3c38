#include "core/delta/lzma_segments.hpp"

#include <algorithm>

namespace sb {
namespace {

// Where the parts of the model stand in one row of probabilities. With pb = 0 there is one position state.
constexpr std::uint32_t states = 12;
constexpr std::uint32_t is_match = 0;
constexpr std::uint32_t is_rep = is_match + states;
constexpr std::uint32_t is_rep0_long = is_rep + states;
constexpr std::uint32_t is_rep0 = is_rep0_long + states;
constexpr std::uint32_t is_rep1 = is_rep0 + states;
constexpr std::uint32_t is_rep2 = is_rep1 + states;
constexpr std::uint32_t slots = is_rep2 + states;
constexpr std::uint32_t special = slots + 4 * 64;
constexpr std::uint32_t align = special + 115;
constexpr std::uint32_t match_length = align + 16;
constexpr std::uint32_t length_low = 2, length_mid = length_low + 8, length_high = length_mid + 8;
constexpr std::uint32_t rep_length = match_length + length_high + 256;
constexpr std::uint32_t literals = rep_length + length_high + 256;
constexpr std::uint32_t model_size = literals + 0x300;
static_assert(model_size * 2 <= lzma_model_bytes && lzma_model_bytes - model_size * 2 < 4);

constexpr std::uint16_t even_chance = 1024;
constexpr std::uint32_t impossible = ~0U;  // as a distance: beyond every dictionary

}  // namespace

std::uint16_t* LzmaSegments::model() const {
    return reinterpret_cast<std::uint16_t*>(static_cast<void*>(work_.data()));
}

void LzmaSegments::reset() {
    phase_ = Phase::magic;
    shift_ = 0;
    plain_left_ = 0;
}

Result<void> LzmaSegments::restart(std::uint8_t dictionary_log2) {
    shift_ = 0;
    plain_left_ = 0;
    phase_ = Phase::packed;
    return set_dictionary(dictionary_log2);
}

Result<void> LzmaSegments::set_dictionary(unsigned log2) {
    if (log2 < lzma_min_dictionary_log2 || log2 > lzma_max_dictionary_log2) return fail(Error::malformed);
    if (work_.size() < lzma_model_bytes + (std::size_t{1} << log2)) return fail(Error::too_large);
    dictionary_log2_ = static_cast<std::uint8_t>(log2);
    return {};
}

Result<void> LzmaSegments::take_header(std::uint8_t byte) {
    if (phase_ != Phase::magic) return take_length(byte);
    if (shift_ < lzma_segments_magic.size())
        return byte == lzma_segments_magic[shift_++] ? Result<void>{} : fail(Error::malformed);
    if (byte >> 4 != lzma_segments_version) return fail(Error::unsupported);
    shift_ = 0;
    phase_ = Phase::packed;
    return set_dictionary(byte & 15U);
}

Result<void> LzmaSegments::take_length(std::uint8_t byte) {
    // 7 bits a byte, low ones first; at most 4 bytes, and no more than needed
    std::uint32_t& value = phase_ == Phase::packed ? packed_left_ : plain_left_;
    if (shift_ == 0) value = 0;
    if (byte == 0 || (byte & 0x80U && shift_ == 21)) return fail(Error::malformed);
    value |= (byte & 0x7fU) << shift_;
    shift_ = static_cast<std::uint8_t>(shift_ + 7);
    if (byte & 0x80U) return {};
    shift_ = 0;
    if (phase_ == Phase::packed)
        phase_ = Phase::plain;
    else
        start_segment();
    return {};
}

void LzmaSegments::start_segment() {
    phase_ = Phase::body;
    range_ = 0;
    for (std::uint32_t& d : distance_) d = 0;
    state_ = 0;
    match_left_ = 0;
    position_ = 0;
    written_ = 0;
    held_ = 0;
    std::uint16_t* const probabilities = model();
    for (std::uint32_t i = 0; i < model_size; ++i) probabilities[i] = even_chance;
}

Result<LzmaSegments::Step> LzmaSegments::decode(Bytes in, std::size_t want) {
    if (phase_ == Phase::failed) return fail(Error::bad_patch);
    Step step;
    while (phase_ != Phase::body) {
        if (step.consumed == in.size()) return step;
        if (auto ok = take_header(in[step.consumed++]); !ok) {
            phase_ = Phase::failed;
            return fail(ok.error());
        }
        if (at_boundary()) return step;  // the end of the container's header: there may be no segment at all
    }
    const std::uint32_t dictionary = 1U << dictionary_log2_;
    if (position_ == dictionary) position_ = 0;
    const std::uint32_t from = position_;
    const auto room = static_cast<std::uint32_t>(std::min<std::size_t>(want, dictionary - from));
    if (!make(in, step.consumed, from + std::min(room, plain_left_)) ||
        (plain_left_ == 0 && !end_segment(in, step.consumed))) {
        phase_ = Phase::failed;
        return fail(Error::bad_patch);
    }
    step.made = Bytes(work_).subspan(lzma_model_bytes + from, position_ - from);
    return step;
}

/// Makes bytes up to dictionary position `end`, or as far as the input goes. False: the stream is wrong.
bool LzmaSegments::make(Bytes in, std::size_t& used, std::uint32_t end) {
    while (position_ < end) {
        if (match_left_ != 0) {
            copy_match(end);
            continue;
        }
        bool starved = false;
        const std::size_t ready = std::min<std::size_t>(in.size() - used, packed_left_);
        const bool ok =
            held_ == 0 && ready >= symbol_bytes ? decode_directly(in, used, end) : decode_held(in, used, starved);
        if (!ok) return false;
        if (starved) break;
    }
    return true;
}

/// Decodes symbols from `in` itself while it surely holds a whole one.
bool LzmaSegments::decode_directly(Bytes in, std::size_t& used, std::uint32_t end) {
    const std::uint8_t* const from = in.data() + used;
    at_ = from;
    end_ = from + std::min<std::size_t>(in.size() - used, packed_left_);
    bool ok = true;
    while (ok && position_ < end && static_cast<std::size_t>(end_ - at_) >= symbol_bytes) {
        ok = symbol();
        if (ok && match_left_ != 0) copy_match(end);
    }
    const auto taken = static_cast<std::uint32_t>(at_ - from);
    used += taken;
    packed_left_ -= taken;
    return ok;
}

/// Decodes one symbol from the held bytes, topped up from `in`: needed where pieces of input meet and at the end of
/// a segment. What it does not need of `in` it gives back if nothing else is held.
bool LzmaSegments::decode_held(Bytes in, std::size_t& used, bool& starved) {
    const auto take = static_cast<std::uint32_t>(
        std::min<std::size_t>({symbol_bytes - held_, in.size() - used, std::size_t{packed_left_}}));
    for (std::uint32_t i = 0; i < take; ++i) hold_[held_++] = in[used++];
    packed_left_ -= take;
    starved = held_ < symbol_bytes && packed_left_ != 0;
    if (starved) return true;
    at_ = hold_.data();
    end_ = at_ + held_;
    const bool ok = symbol();
    const auto rest = static_cast<std::uint32_t>(end_ - at_);
    if (rest <= take) {
        used -= rest;
        packed_left_ += rest;
        held_ = 0;
    } else {
        std::memmove(hold_.data(), at_, rest);
        held_ = static_cast<std::uint8_t>(rest);
    }
    return ok;
}

/// Takes what is left of a segment that has made all its bytes: at most the one byte that a last normalisation
/// would read.
bool LzmaSegments::end_segment(Bytes in, std::size_t& used) {
    if (held_ + packed_left_ > 1 || match_left_ != 0) return false;
    if (packed_left_ != 0) {
        if (used == in.size()) return true;
        ++used;
        packed_left_ = 0;
    }
    phase_ = Phase::packed;
    shift_ = 0;
    return true;
}

void LzmaSegments::put(std::uint8_t byte) {
    work_[lzma_model_bytes + position_++] = byte;
    ++written_;
    --plain_left_;
}

void LzmaSegments::copy_match(std::uint32_t end) {
    std::uint8_t* const dictionary = work_.data() + lzma_model_bytes;
    const std::uint32_t mask = (1U << dictionary_log2_) - 1;
    const std::uint32_t count = std::min(match_left_, end - position_);
    std::uint32_t from = position_ - distance_[0] - 1;
    for (std::uint32_t i = 0; i < count; ++i) dictionary[position_++] = dictionary[from++ & mask];
    match_left_ -= count;
    written_ += count;
    plain_left_ -= count;
}

// The range coder. Bytes after the end of a segment count as zero (the encoder leaves out what it can).

void LzmaSegments::normalise() {
    if (range_ >> 24 != 0) return;
    range_ <<= 8;
    code_ = code_ << 8 | (at_ != end_ ? *at_++ : 0U);
}

std::uint32_t LzmaSegments::bit(std::uint16_t& probability) {
    normalise();
    const std::uint32_t p = probability;
    const std::uint32_t bound = (range_ >> 11) * p;
    if (code_ < bound) {
        range_ = bound;
        probability = static_cast<std::uint16_t>(p + ((2048 - p) >> 5));
        return 0;
    }
    range_ -= bound;
    code_ -= bound;
    probability = static_cast<std::uint16_t>(p - (p >> 5));
    return 1;
}

std::uint32_t LzmaSegments::tree(std::uint16_t* probabilities, unsigned bits) {
    std::uint32_t symbol = 1;
    for (unsigned i = 0; i < bits; ++i) symbol = symbol << 1 | bit(probabilities[symbol]);
    return symbol - (1U << bits);
}

std::uint32_t LzmaSegments::reverse_tree(std::uint16_t* probabilities, unsigned bits) {
    std::uint32_t node = 1;
    std::uint32_t symbol = 0;
    for (unsigned i = 0; i < bits; ++i) {
        const std::uint32_t b = bit(probabilities[node]);
        node = node << 1 | b;
        symbol |= b << i;
    }
    return symbol;
}

/// Length of a match, minus 2.
std::uint32_t LzmaSegments::length(std::uint16_t* coder) {
    if (bit(coder[0]) == 0) return tree(coder + length_low, 3);
    if (bit(coder[1]) == 0) return 8 + tree(coder + length_mid, 3);
    return 16 + tree(coder + length_high, 8);
}

/// Decodes the next literal or match; the first call of a segment reads the coder's first bytes instead.
/// False: the match reaches before the segment's start, beyond the dictionary or past the segment's end.
bool LzmaSegments::symbol() {
    if (range_ == 0) {
        code_ = 0;
        for (unsigned i = 0; i < 4; ++i) normalise();  // each shifts one byte in, for the range is still 0
        range_ = ~0U;
        return true;
    }
    if (bit(model()[is_match + state_]) != 0) return match();
    literal();
    return true;
}

void LzmaSegments::literal() {
    std::uint16_t* const probabilities = model() + literals;
    std::uint32_t symbol = 1;
    if (state_ >= 7) {
        // After a match the byte that would have continued it is the context, until the first bit that differs.
        const std::uint32_t mask = (1U << dictionary_log2_) - 1;
        std::uint32_t expected = work_[lzma_model_bytes + ((position_ - distance_[0] - 1) & mask)];
        while (symbol < 0x100) {
            expected <<= 1;
            const std::uint32_t hint = expected >> 8 & 1;
            const std::uint32_t b = bit(probabilities[((1 + hint) << 8) + symbol]);
            symbol = symbol << 1 | b;
            if (b != hint) break;
        }
    }
    while (symbol < 0x100) symbol = symbol << 1 | bit(probabilities[symbol]);
    state_ = state_ < 4 ? 0 : state_ < 10 ? state_ - 3 : state_ - 6;
    put(static_cast<std::uint8_t>(symbol));
}

bool LzmaSegments::match() {
    const bool after_literal = state_ < 7;
    std::uint16_t* const probabilities = model();
    if (bit(probabilities[is_rep + state_]) != 0) {
        if (bit(probabilities[is_rep0 + state_]) != 0) {
            repeated_distance();
        } else if (bit(probabilities[is_rep0_long + state_]) == 0) {
            match_left_ = 1;
            state_ = after_literal ? 9 : 11;
        }
        if (match_left_ == 0) {
            match_left_ = 2 + length(probabilities + rep_length);
            state_ = after_literal ? 8 : 11;
        }
    } else {
        match_left_ = 2 + length(probabilities + match_length);
        state_ = after_literal ? 7 : 10;
        new_distance(match_left_ - 2);
    }
    return distance_[0] < written_ && distance_[0] >> dictionary_log2_ == 0 && match_left_ <= plain_left_;
}

void LzmaSegments::repeated_distance() {
    std::uint16_t* const probabilities = model() + state_;
    std::uint32_t which = 1;
    if (bit(probabilities[is_rep1]) != 0) which = 2 + bit(probabilities[is_rep2]);
    const std::uint32_t chosen = distance_[which];
    for (; which != 0; --which) distance_[which] = distance_[which - 1];
    distance_[0] = chosen;
}

void LzmaSegments::new_distance(std::uint32_t length) {
    for (unsigned i = 3; i != 0; --i) distance_[i] = distance_[i - 1];
    std::uint16_t* const probabilities = model();
    const std::uint32_t slot = tree(probabilities + slots + std::min<std::uint32_t>(length, 3) * 64, 6);
    std::uint32_t distance = slot;
    if (slot >= 2 * lzma_max_dictionary_log2) {
        distance = impossible;  // the end marker, too: a segment's lengths say where it ends
    } else if (slot >= 4) {
        unsigned bits = (slot >> 1) - 1;
        distance = (2 | (slot & 1)) << bits;
        if (slot < 14) {
            distance += reverse_tree(probabilities + special + distance - slot, bits);
        } else {
            while (bits-- > 4) {
                normalise();
                range_ >>= 1;
                if (code_ >= range_) {
                    code_ -= range_;
                    distance += 1U << bits;
                }
            }
            distance += reverse_tree(probabilities + align, 4);
        }
    }
    distance_[0] = distance;
}

}  // namespace sb
