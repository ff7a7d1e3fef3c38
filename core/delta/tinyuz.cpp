#include "core/delta/tinyuz.hpp"

#include <algorithm>

namespace sb {

Result<Tinyuz::Step> Tinyuz::decode(Bytes in, std::size_t room) {
    const std::size_t from = at_;
    std::size_t left = std::min(room, dictionary_.size() - from);  // what is made is one stretch of the dictionary
    Step step;
    step.made = Bytes(dictionary_).subspan(from, left);
    Error error = Error::none;
    while (!ended()) {
        if (has_more() && left == 0) break;
        const bool wants_byte = reads_ == Reads::data || reads_ == Reads::place || (!has_more() && bits_ == 1);
        std::uint8_t byte = 0;
        if (wants_byte) {
            if (step.consumed == in.size()) break;
            byte = in[step.consumed++];
        }
        if (has_more()) {
            put(reads_ == Reads::data ? byte : matched());
            --left;
        } else if (reads_ == Reads::place) {
            place_ = byte & (TinyuzCode::one_byte - 1);
            read_number(Reads::high_place);
            if (place_ == byte) error = begin_match(byte);
        } else {
            if (wants_byte) bits_ = byte | 0x100U;
            const std::uint32_t bit = bits_ & 1;
            bits_ >>= 1;
            error = take_bit(bit);
        }
        if (error != Error::none) return fail(error);
    }
    step.made = step.made.first(step.made.size() - left);
    return step;
}

std::uint8_t Tinyuz::matched() const {
    const std::size_t size = dictionary_.size();
    return dictionary_[at_ >= distance_ ? at_ - distance_ : at_ + size - distance_];
}

void Tinyuz::put(std::uint8_t byte) {
    dictionary_[at_++] = byte;
    if (at_ == dictionary_.size()) {
        at_ = 0;
        full_ = true;
    }
    if (--left_ == 0) reads_ = Reads::kind;
}

void Tinyuz::read_number(Reads what) {
    reads_ = what;
    number_ = 0;
    group_ = 0;
}

Error Tinyuz::take_bit(std::uint32_t bit) {
    if (reads_ == Reads::kind) {
        if (bit == 0) {
            read_number(Reads::length);
        } else {
            reads_ = Reads::data;
            left_ = 1;
            after_data_ = true;
        }
        return Error::none;
    }
    if (reads_ == Reads::same_place) {
        reads_ = Reads::place;
        return bit == 0 ? Error::none : begin_match(distance_);
    }
    // a number: groups of one bit (lengths) or two (the others, low bit first), each with a bit that says whether
    // another group follows
    const unsigned group_bits = reads_ == Reads::length ? 1 : 2;
    if (group_ == 0) {
        if (number_ >> 28 != 0) return Error::too_large;
        number_ <<= group_bits;
    }
    if (group_ != group_bits) {
        number_ += bit << group_++;
        return Error::none;
    }
    group_ = 0;
    if (bit != 0) {
        ++number_;
        return Error::none;
    }
    return end_number();
}

Error Tinyuz::end_number() {
    if (reads_ == Reads::length) {
        length_ = number_;
        reads_ = after_data_ ? Reads::same_place : Reads::place;
    } else if (reads_ == Reads::high_place) {
        const std::uint32_t distance = (number_ << 7 | place_) + TinyuzCode::one_byte;
        length_ += distance > TinyuzCode::near;
        return begin_match(distance);
    } else {
        left_ = number_ + TinyuzCode::shortest_line;
        reads_ = Reads::data;
        after_data_ = true;
    }
    return Error::none;
}

/// A match of the length that was read; at distance 0 it is something else.
Error Tinyuz::begin_match(std::uint32_t distance) {
    after_data_ = false;
    if (distance != 0) {
        if (distance > (full_ ? dictionary_.size() : at_)) return Error::bad_patch;
        distance_ = distance;
        left_ = length_ + TinyuzCode::shortest_match;
        reads_ = Reads::match;
        return Error::none;
    }
    if (length_ == TinyuzCode::line) {
        read_number(Reads::line_length);
        return Error::none;
    }
    distance_ = 1;
    bits_ = 1;
    reads_ = Reads::kind;
    if (length_ == TinyuzCode::stream_end) {
        reads_ = Reads::nothing;
    } else if (length_ != TinyuzCode::clip_end) {
        return Error::malformed;
    }
    return Error::none;
}

}  // namespace sb
